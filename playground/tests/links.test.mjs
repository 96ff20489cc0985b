/** Links of any state: what one holds comes back, and a damaged one is an error. FUZZ_SECONDS=1800 searches longer. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { startBrowser } from "./browser.mjs";

const browser = startBrowser();

test("a link gives back what it holds, and a damaged one never something else", async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../src/page/share.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "share",
    define: { VERSION: '"0"' },
  });
  const page = await browser.open();
  await page.evaluate(`${outputFiles[0].text}; globalThis.share = share`);
  const seconds = Number(process.env.FUZZ_SECONDS ?? 0);
  const { links, tooLong, fault } = await page.evaluate(search, seconds);
  console.log(`${links} links; ${tooLong} states were too long for one`);
  assert.equal(fault, null);
  assert.ok(links >= 300 && tooLong > 0, `${links} links, ${tooLong} too long`);
});

/** Runs in the page. Each seed gives the same states. */
async function search(seconds) {
  const PARTS = [
    "a",
    "httpProxy: http://proxy:3128\n",
    "\n",
    "é",
    "😀",
    "\ud800",
    "\0",
    '"',
    "\\",
    "%40",
    "#s=",
    "\u2028",
    "+/=-_",
  ];
  const until = performance.now() + seconds * 1000;
  let seed = seconds;
  const below = (count) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * count);
  };
  const text = () => {
    const some = Array.from({ length: below(30) }, () => PARTS[below(PARTS.length)]).join("");
    // Noise does not get shorter by packing.
    return below(20) ? some : Array.from({ length: 60_000 }, () => String.fromCharCode(33 + below(5000))).join("");
  };
  const result = { links: 0, tooLong: 0, fault: null };
  while (result.links < 300 || performance.now() < until) {
    const state = {
      settings: text(),
      objects: text(),
      namespace: text(),
      namespaceLabels: text(),
      operation: "CREATE",
      report: !below(2),
    };
    const fragment = await share.toFragment(state).catch(({ message }) => message);
    if (!share.isShared(fragment)) {
      if (!fragment.startsWith("No link: it would be too long.")) return { ...result, fault: fragment };
      result.tooLong++;
      continue;
    }
    result.links++;
    const again = await share.fromFragment(fragment).catch(({ message }) => message);
    const shared = JSON.stringify({ state, version: "0" });
    if (JSON.stringify(again) !== shared) return { ...result, fault: fragment };
    const at = 3 + below(fragment.length - 3);
    for (const damaged of [fragment.slice(0, at), `${fragment.slice(0, at)}${"aZ0_-%é"[below(7)]}${fragment.slice(at + 1)}`]) {
      const held = await share.fromFragment(damaged).catch(({ message }) => message);
      const isError = typeof held === "string" && held.startsWith("This link is damaged: ");
      // The last character has bits that stand for nothing.
      if (!isError && JSON.stringify(held) !== shared) return { ...result, fault: damaged };
    }
  }
  return result;
}
