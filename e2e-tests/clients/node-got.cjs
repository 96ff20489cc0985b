// got with the agent of the package proxy-agent, which reads the proxy variables.
const { default: got } = require('got');
const { ProxyAgent } = require('proxy-agent');
const { ask, version } = require('./node-ask.cjs');

const agent = new ProxyAgent();
ask(`got ${version('got')} with proxy-agent ${version('proxy-agent')}`, async (url, { signal }) => {
  await got(url, { agent: { http: agent, https: agent }, retry: { limit: 0 }, signal });
  return { ok: true, arrayBuffer() {} };
});
