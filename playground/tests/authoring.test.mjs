/** Help with writing settings: completion, what a field means, and what a message says to write. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { paste, settled, startBrowser, status } from "./browser.mjs";

/** Milliseconds in which an editor does not take Enter for a choice: the list came as it was pressed. */
const GUARD = 100;

const browser = startBrowser();

/** The text of an editor, all of it: the tests' texts are short enough to be on the screen. */
const text = (page, editor = "settings") =>
  page.locator(`#${editor} .cm-content .cm-line`).evaluateAll((lines) => lines.map((line) => line.textContent).join("\n"));

/** Has the settings end with a text, the end of it typed, and gives what is offered then. */
async function offered(page, before, typed) {
  await paste(page, "settings", before);
  await page.locator("#settings .cm-content").press("Control+End");
  await page.keyboard.type(typed);
  await page.locator("#settings .cm-tooltip-autocomplete li").first().waitFor();
  return page.locator("#settings .cm-tooltip-autocomplete li").allInnerTexts();
}

test("keys are offered where they belong, with what they mean", async () => {
  const page = await browser.open();
  const top = await offered(page, "", "http");
  assert.deepEqual(top.slice(0, 4), ["httpProxy", "httpProxyFrom", "httpsProxy", "httpsProxyFrom"]);
  await page.locator("#settings .cm-completionInfo", { hasText: "The proxy for http destinations" }).waitFor();
  await page.waitForTimeout(GUARD);
  await page.keyboard.press("Enter");
  await page.keyboard.type("http://proxy.example.com:3128/");
  await settled(page);
  assert.match(await text(page), /^httpProxy: http:\/\/proxy\.example\.com:3128\/$/);
  assert.equal(await status(page), "1 object: 1 changed.");
  const ofManifest = "apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nspec:\n  settings:\n    ";
  for (const [before, typed, expected] of [
    ["profiles:\n  - name: a\n    ", "mat", "match"],
    ["profiles:\n  - name: a\n    match:\n      ", "node", "nodeSelector"],
    ["trustedCaFrom:\n  configMapKeyRef:\n    ", "opt", "optional"],
    [ofManifest, "noP", "noProxy"],
    ['{\n  "httpProxyConfig": {\n    ', '"noP', "noProxy"],
  ]) {
    const all = await offered(page, before, typed);
    assert.equal(all[0], expected, `${before}${typed}: ${all}`);
  }
  await page.locator("#settings .cm-completionInfo", { hasText: "bypass" }).waitFor();
  await page.waitForTimeout(GUARD);
  await page.keyboard.press("Enter");
  assert.match(await text(page), /"noProxy": $/);
});

test("values are offered, and nothing where no settings are", async () => {
  const page = await browser.open();
  for (const [before, typed, expected] of [
    ["mode: ", "Rep", ["Report"]],
    ["runtimes:\n  java: ", "t", ["true"]],
    ["enabled: ", "f", ["false"]],
    ["trustedCaUse: ", "M", ["Mount"]],
    ["httpProxy: ", "h", ["http://proxy.example.com:3128/"]],
    ["noProxy:\n  - ", "cor", ["corp.example.com", ".corp.example.com"]],
    ["noProxy:\n- ", "10", ["10.0.0.0/8"]],
  ]) {
    const all = await offered(page, before, typed);
    assert.deepEqual(all.slice(0, expected.length), expected, before);
    await page.keyboard.press("Escape");
  }
  for (const [before, typed] of [
    ["apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nspec:\n  ", "http"],
    ["noProxyDefaults:\n  ", "http"],
  ]) {
    await paste(page, "settings", before);
    await page.locator("#settings .cm-content").press("Control+End");
    await page.keyboard.type(typed);
    await settled(page);
    assert.equal(await page.locator("#settings .cm-tooltip-autocomplete").count(), 0, before);
  }
});

test("a field says what it means where the mouse rests", async () => {
  const page = await browser.open();
  await paste(page, "settings", "httpProxy: http://proxy.example.com:3128/\nexpandCidrs: 16");
  await page.locator("#settings .cm-line", { hasText: "expandCidrs" }).locator(".of-key").hover();
  assert.match(await page.locator("#settings .help").innerText(), /networks|CIDR/i);
});

test("what a message says to write is a button away, in the list and at the line", async () => {
  const page = await browser.open();
  const proxy = "httpProxy: http://proxy.example.com:3128/\n";
  for (const [wrong, button, right] of [
    ["noproxy: [a.example.com]", "Write noProxy", "noProxy: [a.example.com]"],
    ['mode: "Reprot"', "Write Report", 'mode: "Report"'],
    ["noProxy:\n  - '*example.com'", "Write .example.com", "noProxy:\n  - '.example.com'"],
    ["noProxy: [10.96., a.example.com]", "Write 10.96.0.0/16", "noProxy: [10.96.0.0/16, a.example.com]"],
    ["noProxy:\n  - 0.0.0.0/0", 'Write "*"', 'noProxy:\n  - "*"'],
    ["noProxy:\n  - $NODE_IP", 'Write "$(NODE_IP)"', 'noProxy:\n  - "$(NODE_IP)"'],
  ]) {
    await paste(page, "settings", proxy + wrong);
    await page.locator("#settings-problems").getByRole("button", { name: button, exact: true }).press("Enter");
    await settled(page);
    assert.equal(await text(page), proxy + right);
    assert.match(await status(page), /^1 object: /, right);
  }
  await paste(page, "settings", `${proxy}noproxy: []`);
  await page.locator("#settings .cm-content").press("Control+Shift+M");
  await page.locator("#settings .cm-panel-lint").getByRole("button", { name: "Write noProxy" }).click();
  await settled(page);
  assert.equal(await text(page), `${proxy}noProxy: []`);
});

test("each editor has a search, and a list of its problems, by the keyboard", async () => {
  const page = await browser.open();
  for (const editor of ["settings", "objects"]) {
    await page.locator(`#${editor} .cm-content`).press("Control+f");
    await page.locator(`#${editor} .cm-search`).waitFor();
    await page.keyboard.press("Escape");
    await page.locator(`#${editor} .cm-search`).waitFor({ state: "detached" });
  }
  await paste(page, "settings", "noproxy: []");
  await page.locator("#settings .cm-content").press("Control+Shift+M");
  await page.locator("#settings .cm-panel-lint").waitFor();
});
