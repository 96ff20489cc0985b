/** The survey of a dump in the page. What it finds is tested in `crates/survey`. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { axeFinds, browserOf, choose, paste, startBrowser } from "./browser.mjs";
import { ROOT, tool } from "./tools.mjs";

const DUMP = join(ROOT, "crates/survey/tests/fixtures/dump.json");
const WORK = join(ROOT, "target/playground");

const browser = startBrowser();

const dump = (page, ...files) => page.locator("#dump").setInputFiles(files);
const said = (page, text) => page.locator("#survey-status", { hasText: text }).waitFor({ timeout: 60_000 });

/** A file whose content the test chooses. */
const file = (name, content) => ({ name, mimeType: "application/json", buffer: Buffer.from(content) });

/** Drops files on an element, as from the desktop. */
async function drop(page, selector, ...files) {
  const data = await page.evaluateHandle(
    (files) => {
      const data = new DataTransfer();
      files.forEach(({ name, content }) => data.items.add(new File([content], name)));
      return data;
    },
    files.map(([name, content]) => ({ name, content })),
  );
  await page.locator(selector).dispatchEvent("drop", { dataTransfer: data });
}

/** The report of the command, for the same settings. */
function command(...args) {
  const { stdout, stderr, status } = spawnSync(tool("http-proxy"), ["survey", ...args], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

test("the report is that of the command, and is shown in a document without scripts", async () => {
  const page = await browser.open();
  await choose(page, "What does my cluster get?");
  await dump(page, DUMP);
  await said(page, "The policy would change ");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("Download the report").click()]);
  const expected = command("examples/quickstart/policy.yaml", DUMP, "--output", "html");
  // The command names the file with the settings.
  const same = readFileSync(await download.path(), "utf8") === expected.replaceAll("policy.yaml:", "settings:");
  assert.ok(same, "the page's report is not the command's");
  const report = page.frameLocator("iframe");
  assert.equal(await report.locator("h1").innerText(), await page.locator("#survey-status").innerText());
  assert.ok((await report.locator("h1").evaluate((h1) => getComputedStyle(h1).fontSize)) === "30px", "the report's own style");
  assert.equal(await report.locator("script").count(), 0);
  assert.equal(await report.locator("input[type=search]").count(), 0);
});

for (const [name, options] of Object.entries({
  light: {},
  dark: { colorScheme: "dark" },
  "forced-colours": { forcedColors: "active" },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
})) {
  test(`axe finds nothing in the report and the tester, ${name}: target/playground/survey-${name}.png`, async () => {
    const page = await browser.open(options);
    await dump(page, DUMP);
    await said(page, "The policy would change ");
    await page.frameLocator("iframe").locator("h1").waitFor();
    await page.locator("table.routes").first().waitFor();
    mkdirSync(WORK, { recursive: true });
    await page.screenshot({ path: join(WORK, `survey-${name}.png`), fullPage: true });
    assert.deepEqual(await axeFinds(page), []);
  });
}

test("a dump can be dropped on the page, and a small file on an editor is its text", async () => {
  const page = await browser.open();
  await drop(page, "h1", ["dump.json", readFileSync(DUMP, "utf8")]);
  await said(page, "The policy would change ");
  await drop(page, "#settings", ["settings.yaml", "httpProxy: http://dropped.example.com:3128/"]);
  await page.locator("#survey-old", { hasText: "The settings have changed since." }).waitFor();
  await page.getByRole("button", { name: "Survey again" }).click();
  await page.locator("#survey-old").waitFor({ state: "hidden" });
  await said(page, "The policy would change ");
});

test("several files are one cluster", async () => {
  const page = await browser.open();
  const pod = (name) =>
    `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"${name}"},"spec":{"containers":[{"name":"a","image":"a"}]}}`;
  await dump(
    page,
    file("a.json", pod("a")),
    file("b.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: b}\nspec: {containers: [{name: b, image: b}]}"),
  );
  await said(page, "The policy would change 2 of 2 pods.");
});

test("names in a dump are text, and the last of two dumps counts", async () => {
  const page = await browser.open();
  const name = "</style><script>alert(1)</script><img src=x onerror=alert(1)>";
  const containers = [{ name, image: "java", env: [{ name: "URL", value: `http://search:9200/${name}` }] }];
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: `">${name}` }, spec: { containers } };
  await dump(page, DUMP);
  await dump(page, file(`${name}.json`, JSON.stringify(pod)));
  await said(page, "The policy would change 1 of 1 pod.");
  const report = page.frameLocator("iframe");
  await report.locator("h1").waitFor();
  assert.equal(await report.locator("script, img").count(), 0);
  assert.equal(await page.locator("#cluster img, #cluster script").count(), 0);
});

test("what is no dump is said, with what to do, and never quoted", async () => {
  const page = await browser.open();
  const whole = readFileSync(DUMP, "utf8");
  for (const [content, expected] of [
    ["S3cret text", /0\.json: /],
    ["", /0\.json: /],
    ['{"password": S3cret}', /0\.json: line 1: not JSON; pass what kubectl get/],
    ['{"kind": "List", "items": []}', /0\.json: nothing to survey; pass what kubectl get/],
    ["[[[[[[[[", /ends in the middle/],
    [`{"items": [${"[".repeat(200_000)}`, /0\.json: /],
    [Buffer.from([0x1f, 0x8b, 0x08, 0, 1, 2, 3]), /0\.json: /],
    ['{"kind":"PodList","items":[1,2]}', /0\.json: /],
  ]) {
    await dump(page, file("0.json", content));
    await said(page, "There is no report.");
    const text = await page.locator("#survey").innerText();
    assert.match(text, expected);
    assert.doesNotMatch(text, /S3cret/);
  }
  await dump(page, file("cut.json", whole.slice(0, 90_000)));
  await said(page, "The policy would change ");
  assert.match(await page.locator("#survey .note").first().innerText(), /^cut\.json: line \d+: it ends in the middle/);
  await paste(page, "settings", "httpProxy: http://a.example.com:1\nnoproxy: []");
  await dump(page, DUMP);
  await said(page, "There is no report.");
  assert.match(await page.locator("#survey").innerText(), /settings:2: noproxy: unknown field; did you mean noProxy\?/);
});

test("a module that is missing is named", async (t) => {
  const own = await browserOf(t, { "survey.wasm": null });
  const page = await own.open();
  await dump(page, DUMP);
  await said(page, "The survey gave no answer: survey.wasm cannot be loaded: status 404; reload the page");
});

test("100 MB are read while the page stays responsive, and can be stopped", { timeout: 300_000 }, async (context) => {
  const large = join(WORK, "large-dump.json");
  mkdirSync(WORK, { recursive: true });
  if (!existsSync(large)) {
    const { status } = spawnSync(tool("cluster-dump"), ["10000"], {
      cwd: ROOT,
      stdio: ["ignore", openSync(large, "w"), "inherit"],
    });
    assert.equal(status, 0);
  }
  const page = await browser.open();
  await page.evaluate(() => {
    let last = performance.now();
    window.longestPause = 0;
    setInterval(() => {
      const now = performance.now();
      window.longestPause = Math.max(window.longestPause, now - last);
      last = now;
    }, 5);
  });
  await dump(page, large);
  await page.locator("#survey-progress", { hasText: / of \d+ MB, [\d,]+ pods/ }).waitFor({ timeout: 60_000 });
  await page.getByRole("button", { name: "Stop" }).click();
  await said(page, "Stopped. Nothing was surveyed.");
  assert.equal(await page.evaluate(() => document.activeElement.id), "dump");
  const start = performance.now();
  await dump(page, large);
  await page.locator("#survey-status", { hasText: "The policy would change " }).waitFor({ timeout: 120_000 });
  const seconds = (performance.now() - start) / 1000;
  const pause = await page.evaluate(() => Math.round(window.longestPause));
  const megabytes = Math.round(statSync(large).size / 1e6);
  context.diagnostic(`${megabytes} MB in ${seconds.toFixed(1)} s; the longest pause of the page is ${pause} ms`);
  assert.ok(megabytes >= 100 && seconds < 120 && pause < 1000, `${megabytes} ${seconds} ${pause}`);
});
