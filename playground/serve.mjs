/** Serves dist/ on loopback, compressed as GitHub Pages does it: `node serve.mjs [PORT]`. */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const DIST = join(dirname(fileURLToPath(import.meta.url)), "dist");
const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
};

/** By name: a file is compressed once. */
const cache = new Map();

function compressed(name, body) {
  const known = cache.get(name);
  if (known?.body.equals(body)) {
    return known.bytes;
  }
  const bytes = gzipSync(body, { level: 6 });
  cache.set(name, { body, bytes });
  return bytes;
}

/**
 * @param port 0: any that is free.
 * @param folder Where the page is, from the root of the site: `/`, or `/a/folder/`.
 * @param instead What to serve instead of some files, by name; `null` for nothing.
 * @returns The server, and the page's URL.
 */
export async function serve({ port = 0, folder = "/", instead = {} } = {}) {
  const server = createServer(async ({ url }, response) => {
    const { pathname } = new URL(url, "http://localhost");
    const name = normalize(pathname.slice(folder.length)) === "." ? "index.html" : normalize(pathname.slice(folder.length));
    try {
      if (!pathname.startsWith(folder) || name.startsWith("..") || instead[name] === null) {
        throw new Error("outside");
      }
      const body = instead[name] ?? (await readFile(join(DIST, name)));
      const type = TYPES[extname(name)] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type, "content-encoding": "gzip" }).end(compressed(name, body));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${server.address().port}${folder}` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await serve({ port: Number(process.argv[2] ?? 8080) });
  console.log(`The playground is at ${url}`);
}
