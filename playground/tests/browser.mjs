/** The page in Debian's Chromium, as a user has it. */

import { existsSync } from "node:fs";

import { chromium } from "playwright-core";

import { serve } from "../serve.mjs";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A browser, and a site that has the page in a folder. */
export class Browser {
  /** What no page may do: errors, violations of the content security policy, requests to another origin. */
  faults = [];

  /**
   * @param instead Files to serve in place of the built ones.
   */
  static async start(instead = {}) {
    if (!existsSync(CHROMIUM)) {
      throw new Error(`${CHROMIUM} is missing: Debian's package chromium has it, and CHROMIUM=path names another one`);
    }
    const started = new Browser();
    started.site = await serve({ folder: "/some/folder/", instead });
    started.browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    return started;
  }

  async stop() {
    await this.browser.close();
    this.site.server.closeAllConnections();
    this.site.server.close();
  }

  /** A page in a context of its own, once the policy has answered. */
  async open(options = {}, fragment = "") {
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

/** Waits for the answer to what the page holds now. */
export async function answered(page) {
  await page.locator("#results[aria-busy=false]").waitFor({ timeout: 40_000 });
}

export async function choose(page, editor, example) {
  await page.locator(`#${editor}-example`).selectOption(example);
  await answered(page);
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
  await answered(page);
}

export const status = (page) => page.locator("#status").textContent();

/** What the Copy button of a tab gives. */
export async function copied(page, within, tab) {
  await within.getByRole("tab", { name: tab }).first().click();
  await within.getByRole("button", { name: "Copy", exact: true }).first().click();
  return page.evaluate(() => navigator.clipboard.readText());
}
