/** The NO_PROXY tester: its form, and that it says what the module says. The judgement itself is tested in `crates/explain-wasm`. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { choose, paste, settled, startBrowser } from "./browser.mjs";

const CLIENTS = JSON.parse(readFileSync(new URL("../../crates/clients/measured.json", import.meta.url), "utf8"));

const browser = startBrowser();

/** Types a destination, and waits for what is said of it. */
async function ask(page, destination, said) {
  await page.getByLabel("Host or URL").fill(destination);
  await page.locator("#routes-status", { hasText: said }).waitFor();
}

/** The clients by group, with the reasons. */
const groups = (page) =>
  page
    .locator("table.routes")
    .evaluateAll((tables) =>
      Object.fromEntries(
        tables.map((table) => [
          table.className.split(" ")[1],
          Object.fromEntries([...table.tBodies[0].rows].map(({ cells: [client, why] }) => [client.textContent, why.textContent])),
        ]),
      ),
    );

test("each measured client is in one group, with the entry that decides", async () => {
  const page = await browser.open();
  await page.locator("#routes-status", { hasText: "Clients disagree. To http://10.20.30.40:9200: " }).waitFor();
  const found = await groups(page);
  const names = Object.values(found).flatMap((group) => Object.keys(group));
  assert.deepEqual(names.sort(), CLIENTS.map(({ version }) => version).sort());
  const version = (name) => CLIENTS.find((client) => client.name === name).version;
  assert.equal(found.direct[version("curl")], "10.0.0.0/8");
  assert.equal(found.proxy[version("wget")], "10.0.0.0/8 does not count: it reads no networks");
  assert.match(found.noProxy[version("Java")], /JAVA_TOOL_OPTIONS/);
  await ask(page, "https://www.example.org/", "To https://www.example.org:443: ");
  assert.equal((await groups(page)).proxy[version("curl")], "no entry matches");
});

test("the container can be chosen, and a change of the settings is followed", async () => {
  const page = await browser.open();
  await ask(page, "api.partner.example.org", "through the proxy");
  const select = page.getByLabel("With the variables of");
  assert.deepEqual(await select.locator("option").allInnerTexts(), [
    "backend of Pod shop/shop-backend",
    "report of Pod shop/shop-backend",
    "istio-proxy of Pod shop/shop-backend",
    "migrate of Pod shop/shop-backend",
  ]);
  await select.selectOption("istio-proxy of Pod shop/shop-backend");
  await page.locator("#routes-status", { hasText: `${CLIENTS.length} without a proxy` }).waitFor();
  await select.selectOption("backend of Pod shop/shop-backend");
  await page.locator("#routes-status", { hasText: "through the proxy" }).waitFor();
  await paste(page, "settings", "httpProxy: http://proxy.example.com:3128/\nnoProxy: [.partner.example.org]");
  await page.locator("table.routes.direct", { hasText: ".partner.example.org" }).waitFor();
});

test("what is no host is said, and never taken for markup", async () => {
  const page = await browser.open();
  await ask(page, "", "Nothing to test: write a host or a URL");
  await ask(page, "<img src=x onerror=alert(1)>", "Not the name of a host");
  await ask(page, "redis://cache:6379", "Not HTTP");
  await ask(page, "bücher.example", "write it with xn--");
  await ask(page, "x".repeat(100_000), "Not the name of a host");
  assert.equal(await page.locator("#routes *").count(), 0);
  await paste(page, "objects", "");
  await ask(page, "api", "The policy changes no pod here");
  await choose(page, "A corporate CA");
  await settled(page);
  await page.locator("#routes-status", { hasText: "To http://api:80: " }).waitFor();
});
