/** That anyone can use the page, and that it keeps its state. */

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { PHONE, axeFinds, choose, modes, outcome, paste, settled, startBrowser } from "./browser.mjs";

const SCREENSHOTS = fileURLToPath(new URL("../../target/playground", import.meta.url));
const DESKTOP = { width: 1400, height: 1000 };
const MODES = modes(DESKTOP);

const browser = startBrowser();

for (const [name, options] of Object.entries(MODES)) {
  test(`axe finds nothing and nothing is cut off, ${name}: target/playground/${name}.png`, async () => {
    const page = await browser.open(options);
    mkdirSync(SCREENSHOTS, { recursive: true });
    for (const scenario of ["A corporate CA", "A namespace that opts in", "What does my cluster get?"]) {
      await choose(page, scenario);
      assert.deepEqual(await axeFinds(page), [], scenario);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= options.viewport.width, `${scenario}: ${width}`);
    }
    await paste(page, "settings", "httpProxy: user:hunter2@proxy:3128\nnoproxy: []");
    await page.getByRole("button", { name: "Copy link" }).click();
    await page.locator("#shared", { hasText: "No link" }).waitFor();
    assert.deepEqual(await axeFinds(page), [], "problems");
    await choose(page, "Coming from AKS");
    await page.locator("h1").scrollIntoViewIfNeeded();
    await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  });
}

test("on a phone, the answer is said without scrolling, and one tap away", async () => {
  const page = await browser.open(PHONE);
  const bar = page.locator(".bar");
  assert.match(await bar.innerText(), /1 object: 1 changed\./);
  const { y, height } = await bar.boundingBox();
  assert.ok(y + height <= 845, `${y}`);
  await bar.getByRole("link", { name: "See the answer" }).click();
  await page.waitForFunction(() => document.querySelector("#results").getBoundingClientRect().top < 100);
});

test("on a phone, tables are as wide as the screen has room", async () => {
  const page = await browser.open(PHONE);
  await page.locator("table.routes").first().waitFor();
  const heights = await page
    .locator("caption")
    .evaluateAll((all) => all.map((caption) => caption.getBoundingClientRect().height));
  assert.ok(heights.length >= 3 && heights.every((height) => height < 80), `${heights}`);
  const widths = await page.locator("table").evaluateAll((all) => all.map((table) => table.getBoundingClientRect().width));
  assert.ok(
    widths.every((width) => width > 290),
    `${widths}`,
  );
});

test("the page is usable with the keyboard alone, and its parts have names", async () => {
  const page = await browser.open();
  const names = new Set();
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    names.add(
      await page.evaluate(() => {
        const focused = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
        return focused?.ariaLabel ?? focused?.labels?.[0]?.innerText.split("\n")[0].trim() ?? focused?.textContent.trim();
      }),
    );
  }
  for (const name of [
    "Skip to the answer",
    "Settings, YAML or JSON",
    "Manifest, YAML or JSON",
    "Operation",
    "Namespace",
    "Copy link",
    "Diff",
  ]) {
    assert.ok(names.has(name), `${name} is not among ${[...names].join(" | ")}`);
  }
  await page.getByRole("tab", { name: "Diff" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.getByRole("tabpanel", { name: "Object" }).waitFor();
  assert.equal(await page.getByRole("tab", { name: "Object" }).getAttribute("aria-selected"), "true");
});

test("arrow keys on the scenarios load none", async () => {
  const page = await browser.open();
  await paste(page, "settings", "httpProxy: http://mine.example.com:3128/");
  await page.locator("#scenarios a").first().focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await settled(page);
  assert.match(await page.locator("#settings").evaluate(({ shadowRoot }) => shadowRoot.textContent), /mine\.example\.com/);
});

test("an editor has a search", async () => {
  const page = await browser.open();
  await page.locator("#objects .cm-content").press("Control+f");
  await page.locator("#objects .cm-search").waitFor();
});

test("focus, scroll and what is open stay when the answer changes", async () => {
  const page = await browser.open();
  const first = await outcome(page);
  const record = first.locator("summary", { hasText: "record" });
  await record.click();
  const lines = first.locator(".diff").first();
  await lines.evaluate((place) => {
    place.style.maxHeight = "60px";
  });
  await record.focus();
  await page.evaluate(() => window.scrollTo(0, 400));
  const top = await page.evaluate(() => window.scrollY);
  await page.evaluate(() => {
    const form = document.querySelector("#request");
    form.elements.namedItem("namespace").value = "another";
    form.dispatchEvent(new Event("input"));
  });
  await page.locator("#results[aria-busy=true]").waitFor();
  await settled(page);
  assert.equal(await page.evaluate(() => window.scrollY), top);
  const open = await page.locator(".outcome details", { hasText: "record:" }).last().getAttribute("open");
  assert.equal(open, "");
  assert.match(await page.evaluate(() => document.activeElement.textContent), /^record/);
});

test("1,000 answers leave memory flat", { timeout: 600_000 }, async (context) => {
  const page = await browser.open();
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const counters = async () => {
    await session.send("HeapProfiler.collectGarbage");
    const { metrics } = await session.send("Performance.getMetrics");
    const get = (name) => metrics.find((metric) => metric.name === name).value;
    return { heap: get("JSHeapUsedSize") / 1e6, nodes: get("Nodes") };
  };
  const answer = async (count) => {
    for (let index = 0; index < count; index++) {
      await page.evaluate(
        (namespace) => {
          const form = document.querySelector("#request");
          form.elements.namedItem("namespace").value = namespace;
          form.dispatchEvent(new Event("change"));
          window.askNow();
        },
        `shop-${index % 7}`,
      );
      await settled(page);
    }
  };
  await page.evaluate(() => {
    const status = document.querySelector("#results");
    const form = document.querySelector("#request");
    // As typing does it, without the pause.
    const { setTimeout } = window;
    window.setTimeout = (run, delay) => setTimeout(run, delay === 250 ? 0 : delay);
    window.askNow = () => {
      form.dispatchEvent(new Event("input"));
      status.ariaBusy = "true";
    };
  });
  await answer(50);
  const before = await counters();
  await answer(1000);
  const after = await counters();
  context.diagnostic(`heap ${before.heap.toFixed(1)} to ${after.heap.toFixed(1)} MB, nodes ${before.nodes} to ${after.nodes}`);
  assert.ok(after.heap < before.heap * 1.2 + 1, JSON.stringify({ before, after }));
  assert.ok(after.nodes < before.nodes * 1.2 + 500, JSON.stringify({ before, after }));
});
