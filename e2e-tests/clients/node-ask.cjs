// The contract of the clients (README.md), for any function that is called as fetch is.
exports.ask = async (version, fetch) => {
  const urls = process.argv.slice(2);
  if (urls[0] === '--version') {
    console.log(version);
    return;
  }
  for (const url of urls) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
      await response.arrayBuffer();
      console.log(response.ok ? `ok ${url}` : `failed ${url}: ${response.status}`);
    } catch (error) {
      console.log(`failed ${url}: ${error.cause?.message || error.message}`);
    }
  }
  // An agent may keep connections.
  process.exit();
};

// The version of a package, which may export nothing but its code.
exports.version = (name) => {
  const path = require('node:path');
  const fs = require('node:fs');
  const file = path.join(process.env.NODE_PATH, name, 'package.json');
  return JSON.parse(fs.readFileSync(file, 'utf8')).version;
};
