// undici with EnvHttpProxyAgent, for a program that sets its proxy up by itself (a Node that is too old for
// NODE_USE_ENV_PROXY, say).
const { EnvHttpProxyAgent, fetch, setGlobalDispatcher } = require('undici');
const { ask } = require('./node-ask.cjs');

setGlobalDispatcher(new EnvHttpProxyAgent());
ask(`undici ${require('undici/package.json').version}`, fetch);
