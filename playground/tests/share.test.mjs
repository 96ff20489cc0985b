/** Links and drafts: what they hold, and what they never hold. The spellings of secrets are tested in `crates/explain-wasm`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";

import { choose, paste, settled, startBrowser, status } from "./browser.mjs";

const POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec:\n  containers: [{name: app, image: app}]\n";

const browser = startBrowser();

const copyLink = (page) => page.getByRole("button", { name: "Copy link" }).click();

/** All that decides the answer, and the answer. */
const state = (page) =>
  page.evaluate(() => [
    document.querySelector("#status").textContent,
    ...["settings", "objects"].map((id) => document.getElementById(id).shadowRoot.querySelector(".cm-content").textContent),
    ...new FormData(document.querySelector("form")),
  ]);

test("a link restores the state", async () => {
  const page = await browser.open();
  await choose(page, "A DMZ node pool");
  await page.getByLabel("Operation").selectOption("UPDATE");
  await page.getByLabel("Namespace", { exact: true }).fill("dmz-shop");
  await page.getByLabel("Labels of the namespace").fill("team=shop");
  await page.getByLabel(/Report only/).check();
  await settled(page);
  await copyLink(page);
  await page.getByText("The link is copied.").waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const restored = await browser.open({}, new URL(link).hash);
  const rest = (all) => [all[0], ...all.slice(3)];
  assert.deepEqual(rest(await state(restored)), rest(await state(page)));
  assert.match((await state(restored))[2], /agentpool: dmz/);
  await copyLink(restored);
  await restored.getByText("The link is copied.").waitFor();
  assert.equal(await restored.evaluate(() => navigator.clipboard.readText()), link);
});

test("a link to a scenario opens it", async () => {
  const page = await browser.open({}, "#scenario=java");
  assert.match(await page.locator("#answers").innerText(), /JAVA_TOOL_OPTIONS/);
  assert.equal(await page.locator("#scenarios [aria-current] b").innerText(), "A Java service");
});

test("a damaged link is an error, and never an example", async () => {
  const page = await browser.open();
  await copyLink(page);
  await page.getByText("The link is copied.").waitFor();
  const { hash } = new URL(page.url());
  const bomb = `#s=${deflateSync(Buffer.alloc(64 << 20)).toString("base64url")}`;
  const other = `#s=${deflateSync(JSON.stringify({ state: { settings: 1 }, version: "0" })).toString("base64url")}`;
  for (const damaged of [
    hash.slice(0, -20),
    hash.slice(0, 60),
    `${hash.slice(0, 40)}x${hash.slice(41)}`,
    "#s=",
    "#s",
    "#s=%%%",
    bomb,
    other,
  ]) {
    const opened = await browser.open({}, damaged);
    assert.match(await opened.locator("#shared").innerText(), /^This link is damaged: /, damaged.slice(0, 80));
    const [, settings, objects] = await state(opened);
    assert.deepEqual([settings, objects], ["", ""]);
    await opened.context().close();
  }
});

test("a link and a draft hold no secret, and its line is marked", async () => {
  const page = await browser.open();
  for (const [fill, where] of [
    [() => paste(page, "settings", "noProxy: [a.example.com]\nhttpProxy: user:hunter2@proxy.example.com:3128"), /^Line 2 /],
    [() => paste(page, "objects", `${POD}---\napiVersion: v1\nkind: >-\n  Secret\ndata: {a: aHR0cA==}`), /^Line 8 /],
    [() => paste(page, "objects", `${POD}# curl -U user:hunter2 http://example.com`), /^Line 6 /],
    [() => page.getByLabel("Namespace", { exact: true }).fill("http://user:hunter2@shop"), /^Go to the field /],
  ]) {
    await choose(page, "Coming from AKS");
    await fill();
    await settled(page);
    await copyLink(page);
    await page.locator("#shared", { hasText: "No link: " }).waitFor();
    assert.match(await page.locator("#shared li").first().innerText(), where);
    assert.doesNotMatch(page.url(), /#s=/);
    await page.waitForFunction(() => sessionStorage.length === 0);
  }
});

test("a way to a part of the page leaves what was entered", async () => {
  const page = await browser.open();
  await paste(page, "objects", `${POD}# curl -U user:hunter2 http://example.com`);
  const before = await state(page);
  for (const part of ["#results", "#cluster-heading", "#scenario=unknown"]) {
    await page.evaluate((part) => (location.hash = part), part);
    await settled(page);
    assert.deepEqual(await state(page), before, part);
  }
});

test("an image's digest is no secret", async () => {
  const page = await browser.open();
  await paste(page, "objects", POD.replace("image: app", `image: registry.example.com:5000/app@sha256:${"0f".repeat(32)}`));
  await copyLink(page);
  await page.getByText("The link is copied.").waitFor();
});

test("a draft survives a reload", async () => {
  const page = await browser.open();
  await paste(page, "objects", POD.replace("name: app", "name: draft"));
  await page.waitForFunction(() => /name: draft/.test(Object.values(sessionStorage)[0]));
  await page.evaluate(() => history.replaceState(null, "", location.pathname));
  const before = await state(page);
  await page.reload();
  await page.locator("#engine", { hasText: "Answered by policy.wasm" }).waitFor();
  await settled(page);
  assert.deepEqual(await state(page), before);
  assert.match(await page.locator("#answers").innerText(), /Pod default\/draft/);
  assert.equal(await status(page), "1 object: 1 changed.");
});
