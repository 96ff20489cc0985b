/** Builds the page into dist/: its scripts, its static files, the modules and the scenarios. */

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { SCENARIOS } from "./scenarios.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..");
const dist = join(here, "dist");
const STATIC = ["style.css", "icon.svg", "report.html"];
const MODULES = ["policy.wasm", "explain.wasm"];
/** Loaded once someone gives the page a dump, and kept then. */
const SURVEY = ["survey.wasm"];
const LICENCES = "licences.txt";
const FIRST = `
  import { call } from "./src/worker/modules";
  import { EMPTY } from "./src/types";
  export function answer(modules, state) {
    return call(new Map(Object.entries(modules)), "answer", JSON.stringify({ ...EMPTY, ...state }));
  }`;
const VERSION = /^version = "(.+)"$/m.exec(readFileSync(join(root, "Cargo.toml"), "utf8"))[1];

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
STATIC.forEach((file) => cpSync(join(here, "src", file), join(dist, file)));
[...MODULES, ...SURVEY].forEach((file) => cpSync(join(root, file), join(dist, file)));

const shared = { bundle: true, metafile: true, minify: true, target: "es2023", outdir: dist, absWorkingDir: here };
const scenarios = SCENARIOS.map(scenario);
const page = await build({
  ...shared,
  entryPoints: ["src/page/main.ts"],
  format: "esm",
  splitting: true,
  define: { SCENARIOS: JSON.stringify(scenarios), FIRST: await firstAnswer(), VERSION: JSON.stringify(VERSION) },
});
const scripts = Object.keys(page.metafile.outputs).map((path) => basename(path));
const files = ["./", "survey-worker.js", ...STATIC, ...MODULES, ...scripts, "worker.js", LICENCES];
const worker = await build({
  ...shared,
  entryPoints: ["src/worker/worker.ts", "src/worker/survey-worker.ts", "src/worker/service-worker.ts"],
  format: "iife",
  define: { FILES: JSON.stringify(files) },
});

const html = readFileSync(join(here, "src/index.html"), "utf8");
// Without it, a browser learns of the chunk only when it has main.js.
const { imports } = Object.values(page.metafile.outputs).find(({ entryPoint }) => entryPoint === "src/page/main.ts");
const chunks = imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => basename(path));
const preloads = chunks.map((chunk) => `<link rel="modulepreload" href="${chunk}">`).join("");
writeFileSync(join(dist, "index.html"), html.replaceAll("VERSION", VERSION).replace("<!-- CHUNKS -->", preloads));
writeFileSync(join(dist, LICENCES), licences([page, worker]));

/** The modules' answer to the first scenario, as JSON: the page shows it while it loads them. */
async function firstAnswer() {
  const bundle = { bundle: true, write: false, format: "esm", absWorkingDir: here, stdin: { contents: FIRST, resolveDir: here } };
  const { outputFiles } = await build(bundle);
  const { answer } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
  const { title, sentence, id, ...state } = scenarios[0];
  const [policy, explanation] = MODULES.map((file) => new WebAssembly.Module(readFileSync(join(root, file))));
  return answer({ policy, explanation }, state);
}

/** A scenario with the texts of its files. */
function scenario({ settings, objects, add = "", replace, ...rest }) {
  const [part, by] = replace ?? ["", ""];
  return { ...rest, settings: example(settings) + add, objects: example(objects).replace(part, by) };
}

function example(path) {
  return readFileSync(join(root, "examples", path), "utf8");
}

/** The licences of the packages that are in the bundles. */
function licences(bundles) {
  const inputs = bundles.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const packages = new Set(inputs.map((path) => /^node_modules\/((@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter(Boolean));
  return [...packages]
    .sort()
    .map((name) => `${name}\n\n${readFileSync(join(here, "node_modules", name, "LICENSE"), "utf8")}`)
    .join("\n\n");
}
