/** A module that traps, and one that does not come to an end. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { browserOf, choose, settled, status } from "./browser.mjs";

/** A module whose `__guest_call` has these instructions, and which has a memory and an empty `wapc_init`. */
function module(...instructions) {
  const name = (text) => [text.length, ...Buffer.from(text)];
  const section = (id, ...content) => [id, content.length, ...content];
  const body = [0, ...instructions, 0x0b];
  return Buffer.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, 2, 0x60, 0, 0, 0x60, 2, 0x7f, 0x7f, 1, 0x7f),
    ...section(3, 2, 0, 1),
    ...section(5, 1, 0, 1),
    ...section(7, 3, ...name("memory"), 2, 0, ...name("wapc_init"), 0, 0, ...name("__guest_call"), 0, 1),
    ...section(10, 2, 2, 0, 0x0b, body.length, ...body),
  ]);
}

const UNREACHABLE = [0x00];
const FOR_EVER = [0x03, 0x40, 0x0c, 0, 0x0b, 0x41, 0];

test("a trap leaves the page alive, and is said at its object", async (t) => {
  const browser = await browserOf(t, { "policy.wasm": module(...UNREACHABLE) });
  const page = await browser.open();
  const problems = page.locator("#objects-problems");
  await problems.getByText(/the policy gave no answer: RuntimeError: unreachable/).waitFor();
  await choose(page, "A corporate CA");
  assert.match(await page.locator("#settings").evaluate(({ shadowRoot }) => shadowRoot.textContent), /trustedCa/);
  await problems.getByText(/the policy gave no answer/).waitFor();
});

test("a call without an end is ended", async (t) => {
  const browser = await browserOf(t, { "policy.wasm": module(...FOR_EVER) });
  const context = await browser.browser.newContext();
  const page = await context.newPage();
  await page.clock.install();
  await page.goto(browser.site.url);
  await page.locator("#settings .cm-line").first().waitFor();
  while (!/longer than 20 seconds/.test(await status(page))) {
    await page.clock.fastForward(21_000);
  }
  await settled(page);
});

test("a module that is missing is named", async (t) => {
  const browser = await browserOf(t, { "policy.wasm": null });
  const context = await browser.browser.newContext();
  const page = await context.newPage();
  await page.goto(browser.site.url);
  await page.locator("#status", { hasText: "policy.wasm cannot be loaded: status 404; reload the page" }).waitFor();
});
