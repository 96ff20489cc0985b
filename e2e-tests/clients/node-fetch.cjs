// Node's own fetch. It reads the proxy variables if NODE_USE_ENV_PROXY=1 is set.
const { ask } = require('./node-ask.cjs');

ask(`Node ${process.versions.node} fetch`, fetch);
