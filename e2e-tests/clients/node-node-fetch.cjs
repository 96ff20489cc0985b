// node-fetch with the agents of http-proxy-agent and https-proxy-agent, which take the URL of a proxy. They know no list.
const { default: fetch } = require('node-fetch');
const { HttpProxyAgent } = require('http-proxy-agent');
const { HttpsProxyAgent } = require('https-proxy-agent');
const { ask, version } = require('./node-ask.cjs');

const { HTTP_PROXY, HTTPS_PROXY } = process.env;
const agent = ({ protocol }) => (protocol === 'http:' ? new HttpProxyAgent(HTTP_PROXY) : new HttpsProxyAgent(HTTPS_PROXY));
ask(`node-fetch ${version('node-fetch')} with https-proxy-agent ${version('https-proxy-agent')}`, (url, options) =>
  fetch(url, { ...options, agent }),
);
