/** Builds the page into dist/: its scripts, its static files, the module and the examples of the repository. */

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { parse } from "yaml";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..");
const dist = join(here, "dist");
const STATIC = ["index.html", "style.css", "icon.svg"];
/** What the page shows first, as make run does. */
const FIRST = ["aks-proxy-config.json", "pod.yaml"];

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
STATIC.forEach((file) => cpSync(join(here, "src", file), join(dist, file)));
cpSync(join(root, "policy.wasm"), join(dist, "policy.wasm"));

const shared = { bundle: true, minify: true, target: "es2023", outdir: dist, absWorkingDir: here, loader: { ".yaml": "text" } };
await build({
  ...shared,
  entryPoints: ["src/page/main.ts"],
  format: "esm",
  define: { EXAMPLES: JSON.stringify(examples()) },
});
await build({
  ...shared,
  entryPoints: ["src/worker/worker.ts", "src/worker/service-worker.ts"],
  format: "iife",
  define: { FILES: JSON.stringify(["./", ...STATIC, "main.js", "worker.js", "policy.wasm"]) },
});

/** The settings among the repository's examples, and the objects to try them on. */
function examples() {
  const folder = join(root, "examples");
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(yaml|json)$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort((one, other) => FIRST.includes(other) - FIRST.includes(one) || one.localeCompare(other, "en"))
    .map((path) => ({ path, text: readFileSync(join(folder, path), "utf8") }));
  const kind = ({ text }) => parse(text.split(/^---$/m)[0])?.kind;
  return {
    settings: found.filter((example) => [undefined, "ClusterAdmissionPolicy", "AdmissionPolicy"].includes(kind(example))),
    manifests: found.filter((example) => ["Pod", "Deployment"].includes(kind(example))),
  };
}
