/** Builds the page into dist/: its scripts, its static files, the module and the examples of the repository. */

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { parse } from "yaml";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..");
const dist = join(here, "dist");
const STATIC = ["index.html", "style.css", "icon.svg"];
const LICENCES = "licences.txt";
/** What the page shows first, as make run does. */
const FIRST = ["aks-proxy-config.json", "pod.yaml"];

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
STATIC.forEach((file) => cpSync(join(here, "src", file), join(dist, file)));
cpSync(join(root, "policy.wasm"), join(dist, "policy.wasm"));

const shared = {
  bundle: true,
  metafile: true,
  minify: true,
  target: "es2023",
  outdir: dist,
  absWorkingDir: here,
  loader: { ".yaml": "text" },
};
const page = await build({
  ...shared,
  entryPoints: ["src/page/main.ts"],
  format: "esm",
  define: { EXAMPLES: JSON.stringify(examples()) },
});
const worker = await build({
  ...shared,
  entryPoints: ["src/worker/worker.ts", "src/worker/service-worker.ts"],
  format: "iife",
  define: { FILES: JSON.stringify(["./", ...STATIC, "main.js", "worker.js", "policy.wasm", LICENCES]) },
});

writeFileSync(join(dist, LICENCES), licences([page, worker]));

/** The licences of the packages that are in the bundles. */
function licences(bundles) {
  const inputs = bundles.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const packages = new Set(inputs.map((path) => /^node_modules\/((@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter(Boolean));
  return [...packages]
    .sort()
    .map((name) => `${name}\n\n${readFileSync(join(here, "node_modules", name, "LICENSE"), "utf8")}`)
    .join("\n\n");
}

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
