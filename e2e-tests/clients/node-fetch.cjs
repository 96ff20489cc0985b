// Node's own fetch. It heeds the proxy variables where NODE_USE_ENV_PROXY=1 tells it to.
const { ask } = require('./node-ask.cjs');

ask(`Node ${process.versions.node} fetch`, fetch);
