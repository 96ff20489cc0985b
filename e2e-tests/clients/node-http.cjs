// Node's modules http and https. They read the proxy variables if NODE_USE_ENV_PROXY=1 is set.
const http = require('node:http');
const https = require('node:https');
const { ask } = require('./node-ask.cjs');

const get = (url, options) =>
  new Promise((resolve, reject) => {
    const request = (url.startsWith('https:') ? https : http).get(url, options, (response) => {
      response.resume();
      resolve({ ok: response.statusCode === 200, status: response.statusCode, arrayBuffer() {} });
    });
    request.on('error', reject);
  });

ask(`Node ${process.versions.node} http`, get);
