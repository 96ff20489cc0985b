/** What is published. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const DIST = new URL("../dist/", import.meta.url);
const read = (file) => readFileSync(new URL(file, DIST));

test("the module imports three functions of waPC and five of WASI, all that the host has", () => {
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(read("policy.wasm")));
  assert.deepEqual(imports.map(({ module, name }) => `${module}.${name}`).sort(), [
    "wapc.__guest_error",
    "wapc.__guest_request",
    "wapc.__guest_response",
    "wasi_snapshot_preview1.environ_get",
    "wasi_snapshot_preview1.environ_sizes_get",
    "wasi_snapshot_preview1.fd_write",
    "wasi_snapshot_preview1.proc_exit",
    "wasi_snapshot_preview1.random_get",
  ]);
});

test("the page takes less than 450 KB, compressed, module included", (context) => {
  const total = readdirSync(DIST).reduce((sum, file) => sum + gzipSync(read(file), { level: 6 }).length, 0);
  context.diagnostic(`${total} bytes with gzip -6`);
  assert.ok(total < 450_000, `${total}`);
});

test("the content security policy allows scripts and the module of the page's own origin, and nothing else", () => {
  assert.match(
    String(read("index.html")),
    /<meta http-equiv="Content-Security-Policy" content="default-src 'self'; script-src 'self' 'wasm-unsafe-eval'">/,
  );
});
