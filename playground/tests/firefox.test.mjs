/** The page in Firefox, another engine: that it answers, completes, tests and surveys. All else is tested in Chromium. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import puppeteer from "puppeteer-core";

import { serve } from "../serve.mjs";

const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr";
const DUMP = fileURLToPath(new URL("../../crates/survey/tests/fixtures/dump.json", import.meta.url));
const MISSING = `${FIREFOX} is missing: Debian's package firefox-esr has it, and FIREFOX=path names another one`;

test("the page answers, tests a destination and surveys a dump in Firefox", {
  skip: !existsSync(FIREFOX) && MISSING,
}, async (context) => {
  const { server, url } = await serve({ folder: "/some/folder/" });
  const browser = await puppeteer.launch({ browser: "firefox", executablePath: FIREFOX, headless: true });
  context.after(async () => {
    await browser.close();
    server.closeAllConnections();
    server.close();
  });
  const page = await browser.newPage();
  const faults = [];
  page.on("pageerror", ({ message }) => faults.push(message));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  await page.goto(url);
  const says = (selector, text) =>
    page.waitForFunction((selector, text) => document.querySelector(selector)?.textContent.includes(text), {}, selector, text);
  await says("#engine", "Answered by policy.wasm");
  await says("#status", "1 object: 1 changed.");
  await says("#routes-status", "Clients disagree. To http://10.20.30.40:9200: ");
  await (await page.$("#dump")).uploadFile(DUMP);
  await says("#survey-status", "The policy would change ");
  await page.waitForFunction(() => document.querySelector("#survey iframe")?.contentDocument?.querySelector("h1"));
  const size = await page.$eval("#survey iframe", ({ contentDocument, contentWindow }) => {
    return contentWindow.getComputedStyle(contentDocument.querySelector("h1")).fontSize;
  });
  assert.equal(size, "30px", "the report's own style");
  await (await page.$("#settings >>> .cm-content")).focus();
  await page.keyboard.type("x");
  await says("#status", "to fix first.");
  assert.deepEqual(faults, []);
});
