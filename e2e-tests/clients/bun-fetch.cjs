// Bun's fetch, which reads the proxy variables.
const { ask } = require('./node-ask.cjs');

ask(`Bun ${Bun.version} fetch`, fetch);
