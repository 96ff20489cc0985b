// axios as it comes. It reads the proxy variables by itself. The first argument is the name of the package: releases differ.
const { ask } = require('./node-ask.cjs');

const [name] = process.argv.splice(2, 1);
const axios = require(name);
ask(`axios ${axios.VERSION}`, async (url, { signal }) => {
  await axios.get(url, { signal });
  return { ok: true, arrayBuffer() {} };
});
