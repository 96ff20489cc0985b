/** What is published. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const DIST = new URL("../dist/", import.meta.url);
const read = (file) => readFileSync(new URL(file, DIST));

const GUEST = ["wapc.__guest_error", "wapc.__guest_request", "wapc.__guest_response"];
/** The calls of the host, which only the explanation makes. */
const HOST = [
  "wapc.__host_call",
  "wapc.__host_error",
  "wapc.__host_error_len",
  "wapc.__host_response",
  "wapc.__host_response_len",
];
const WASI = ["environ_get", "environ_sizes_get", "fd_write", "proc_exit", "random_get"].map(
  (name) => `wasi_snapshot_preview1.${name}`,
);

test("the modules import no more than the host has", () => {
  const imports = (file) =>
    WebAssembly.Module.imports(new WebAssembly.Module(read(file)))
      .map(({ module, name }) => `${module}.${name}`)
      .sort();
  assert.deepEqual(imports("policy.wasm"), [...GUEST, ...WASI]);
  assert.deepEqual(imports("explain.wasm"), [...GUEST, ...HOST, ...WASI]);
  assert.deepEqual(imports("survey.wasm"), [...GUEST, ...HOST, ...WASI]);
});

test("what is loaded takes less than 960 KB, compressed, and the survey as much again", (context) => {
  const size = (files) => files.reduce((sum, file) => sum + gzipSync(read(file), { level: 6 }).length, 0);
  const survey = size(["survey.wasm"]);
  const page = size(readdirSync(DIST)) - survey;
  context.diagnostic(`${page} bytes with gzip -6, and ${survey} for the survey`);
  assert.ok(page < 960_000 && survey < 960_000, `${page} ${survey}`);
});

test("the content security policy allows scripts and the modules of the page's own origin, and nothing else", () => {
  const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; base-uri 'none'; form-action 'none'";
  const meta = (policy) => `<meta http-equiv="Content-Security-Policy" content="${policy}">`;
  assert.ok(String(read("index.html")).includes(meta(policy)));
  // The survey's report runs no script, and loads nothing.
  const report = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
  assert.ok(String(read("report.html")).includes(meta(report)));
});
