/** The page in Debian's Chromium, as a user has it. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before } from "node:test";

import { chromium } from "playwright-core";

import { serve } from "../serve.mjs";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** How a page is looked at, with a desktop of this size. */
export const modes = (desktop) => ({
  light: { viewport: desktop },
  dark: { viewport: desktop, colorScheme: "dark" },
  phone: PHONE,
  "phone-dark": { ...PHONE, colorScheme: "dark" },
  "forced-colours": { viewport: desktop, forcedColors: "active" },
  // 200 % zoom of a screen of 1280 pixels.
  zoomed: { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 },
});

/** Starts Chromium. */
export function launchChromium() {
  if (!existsSync(CHROMIUM)) {
    throw new Error(`${CHROMIUM} is missing: Debian's package chromium has it, and CHROMIUM=path names another one`);
  }
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** A browser, and a site that has the page in a folder. */
class Browser {
  /** What no page may do: errors, violations of the content security policy, requests to another origin. */
  faults = [];

  /**
   * @param instead Files to serve in place of the built ones.
   */
  constructor(instead = {}) {
    this.instead = instead;
  }

  /** Starts it once, however often it is asked to. */
  start() {
    this.started ??= this.launch();
    return this.started;
  }

  async launch() {
    this.browser = await launchChromium();
    this.site = await serve({ folder: "/some/folder/", instead: this.instead });
    return this;
  }

  async stop() {
    await this.browser.close();
    this.site.server.closeAllConnections();
    this.site.server.close();
  }

  /** A page in a context of its own, once the policy has answered. */
  async open(options = {}, fragment = "") {
    await this.start();
    const { origin } = new URL(this.site.url);
    const context = await this.browser.newContext(options);
    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin });
    context.on("request", (request) => {
      if (new URL(request.url()).origin !== origin) {
        this.faults.push(`request to ${request.url()}`);
      }
    });
    context.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) {
        this.faults.push(message.text());
      }
    });
    context.on("weberror", (error) => this.faults.push(String(error.error())));
    const page = await context.newPage();
    await page.goto(this.site.url + fragment);
    await answered(page);
    return page;
  }
}

/** A browser for all tests of a file, which must not see a fault. */
export function startBrowser() {
  const browser = new Browser();
  before(() => browser.start());
  after(async () => {
    await browser.stop();
    assert.deepEqual(browser.faults, [], "errors, violations of the content security policy, or requests to another origin");
  });
  return browser;
}

/** A browser until a test ends, also where it fails: one that stays open would keep the tests from ending. */
export function browserOf(test, instead) {
  const browser = new Browser(instead);
  test.after(() => browser.stop());
  return browser.start();
}

/** Waits for the answer of the released module to what the page holds now. */
export async function answered(page) {
  await page.locator("#engine", { hasText: "Answered by policy.wasm" }).waitFor({ timeout: 40_000 });
  await settled(page);
}

/** Waits until no answer is on its way. */
export async function settled(page) {
  await page.locator("#results[aria-busy=false]").waitFor({ timeout: 40_000 });
}

/** Chooses a scenario by its title. */
export async function choose(page, title) {
  await page.locator("#scenarios").getByRole("link", { name: title }).click();
  await settled(page);
}

/** Pastes a text in place of what the editor holds. */
export async function paste(page, editor, text) {
  const content = page.locator(`#${editor} .cm-content`);
  await content.press("Control+A");
  await content.evaluate((element, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, text);
  await settled(page);
}

export const status = (page) => page.locator("#status").textContent();

/** The object's part of the answer, by its place in the list; it is open then. */
export async function outcome(page, index = 0) {
  const found = page.locator("details.outcome").nth(index);
  await found.evaluate((details) => (details.open = true));
  return found;
}

/** What the Copy button of a tab gives. */
export async function copied(page, within, tab) {
  await within.getByRole("tab", { name: tab, exact: true }).first().click();
  await within
    .getByRole("tabpanel", { name: tab, exact: true })
    .getByRole("button", { name: /^Copy: / })
    .click();
  return page.evaluate(() => navigator.clipboard.readText());
}

/** The manifest to copy. */
export async function copiedPolicy(page) {
  const policy = page.locator("#answers > details", { hasText: "ClusterAdmissionPolicy to copy" });
  await policy.evaluate((details) => (details.open = true));
  await policy.getByRole("button", { name: /^Copy: / }).click();
  return page.evaluate(() => navigator.clipboard.readText());
}

/** The rows of the table of reasons, as `container variable: outcome: why`. */
export async function rows(within) {
  const groups = await within.locator("table.why tbody").evaluateAll((all) =>
    all.flatMap((group) => {
      const [head, ...rows] = group.rows;
      return rows.map((row) => {
        const [variable, outcome, why] = [...row.cells].map((cell) => cell.textContent.trim());
        return `${head.textContent} ${variable}: ${outcome.slice(1).trim()}: ${why}`;
      });
    }),
  );
  return groups;
}

/** What axe finds wrong in the page and its frames. */
export async function axeFinds(page) {
  const frames = await Promise.all(
    page.frames().map(async (frame) => {
      await frame.evaluate(AXE);
      const { violations } = await frame.evaluate(() => axe.run(document, { iframes: false }));
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
    }),
  );
  return frames.flat();
}
