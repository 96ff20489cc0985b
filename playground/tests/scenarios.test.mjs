/** Each scenario does what its sentence says. */

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { SCENARIOS } from "../scenarios.mjs";
import { choose, copied, outcome, rows, startBrowser, status } from "./browser.mjs";

const browser = startBrowser();
let page;
before(async () => {
  page = await browser.open();
});

const has = (all, wanted) =>
  assert.ok(
    all.some((row) => wanted.test(row)),
    `${wanted} is not among\n${all.join("\n")}`,
  );

/** What is checked of each sentence, by the scenario's id. */
const CHECKS = {
  aks: async (first) => {
    const all = await rows(first);
    has(all, /^backend HTTP_PROXY http_proxy: set/);
    has(all, /^migrate HTTP_PROXY http_proxy: set/);
  },
  ca: async (first) => {
    const all = await rows(first);
    for (const name of ["migrate", "backend", "report"]) {
      has(all, new RegExp(`^${name} trusted CA: set`));
    }
    has(all, /^istio-proxy all: unchanged: excludeContainers\[0\]/);
  },
  dmz: async (first) => {
    assert.match(await first.innerText(), /Profile dmz: match\.nodeSelector/);
    assert.match(await copied(page, first, "Object"), /value: http:\/\/dmz-proxy\.example\.com:3128\//);
  },
  java: async (first) => {
    has(await rows(first), /^java-app JAVA_TOOL_OPTIONS: extended/);
    const options = /name: JAVA_TOOL_OPTIONS\n\s+value: (.*)/.exec(await copied(page, first, "Object"))[1];
    assert.ok(options.indexOf("-Dhttp.proxyHost=") < options.indexOf("-Djavax.net.ssl.trustStore="), options);
  },
  sidecar: async (first) => {
    const all = await rows(first);
    has(all, /^istio-proxy all: unchanged: excludeContainers\[0\]/);
    has(all, /^report all: unchanged: the container chose both proxies itself/);
  },
  secret: async (first) => {
    assert.match(await copied(page, first, "Object"), /valueFrom:\n\s+secretKeyRef:\n\s+key: url\n\s+name: http-proxy\n/);
  },
  "opt-in": async (first) => {
    const text = await first.innerText();
    assert.match(text, /Not sent to the policy\./);
    assert.match(text, /settings, line \d+\s+namespaceSelector: http-proxy\.kubewarden\.io\/inject/);
    await page.getByRole("button", { name: "Try with http-proxy.kubewarden.io/inject=true" }).click();
    await page.locator("#status", { hasText: "1 object: 1 changed." }).waitFor();
  },
  report: async (first) => {
    const text = await first.innerText();
    assert.match(text, /unchanged/);
    assert.match(text, /mode: monitor: the policy server only logs/);
  },
  cluster: async () => {
    assert.equal(await status(page), "6 objects: 3 changed, 1 unchanged, 2 not sent.");
  },
  templates: async (first) => {
    assert.match(await first.innerText(), /^\+ Deployment shop\/shop-frontend: changed/);
  },
};

for (const { id, title, sentence } of SCENARIOS) {
  test(`${title}: ${sentence}`, async () => {
    await choose(page, title);
    assert.equal(
      await page
        .locator("#scenarios [aria-current]")
        .innerText()
        .then((text) => text.split("\n")[0]),
      title,
    );
    await page.locator("details.outcome").first().waitFor();
    await CHECKS[id](await outcome(page));
  });
}
