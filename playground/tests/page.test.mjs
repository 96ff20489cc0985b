/** What a user of the page can rely on. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { answered, browserOf, choose, copied, copiedPolicy, outcome, paste, settled, startBrowser, status } from "./browser.mjs";

const CHANGED = "1 object: 1 changed.";
const POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec:\n  containers: [{name: app, image: app}]\n";

const browser = startBrowser();

test("the first scenario is answered when the page stands, with its version", async () => {
  const page = await browser.open();
  assert.equal(await status(page), CHANGED);
  assert.ok((await page.locator(".outcome ins.line").count()) > 5, "the diff marks no line");
  assert.match(
    await copied(page, await outcome(page), "Object"),
    / name: HTTP_PROXY\n +value: http:\/\/myproxy\.server\.com:8080\/\n/,
  );
  assert.match(await page.locator("header").innerText(), /v\d+\.\d+\.\d+/);
});

test("the proxy's variables are the first lines that are added, and the record is closed", async () => {
  const page = await browser.open();
  const signs = await page.locator(".outcome .line").evaluateAll((all) => all.map((line) => line.textContent));
  const added = signs.filter((line) => line.startsWith("+"));
  assert.match(added[1], /^\+\s*- name: HTTP_PROXY/);
  assert.ok(signs.some((line) => line.startsWith("−")));
  const record = page.locator("details", { has: page.locator("summary", { hasText: /^record: / }) }).last();
  assert.equal(await record.getAttribute("open"), null);
});

test("each problem of the settings is marked at its line", async () => {
  const page = await browser.open();
  const lines = [
    "httpProxy: http://proxy.example.com:3128/",
    "noProxy:",
    "  - fine.example.com",
    "  - http://wrong.example.com",
    "noproxy: []",
  ];
  await paste(page, "settings", lines.join("\n"));
  await page.locator("#settings .cm-lint-marker-error").nth(1).waitFor();
  const problems = page.locator("#settings-problems li");
  assert.deepEqual(
    (await problems.allInnerTexts()).map((text) => /^Line \d+ [\w[\]]+: /.exec(text)?.[0]),
    ["Line 4 noProxy[1]: ", "Line 5 noproxy: "],
  );
  assert.equal(await status(page), "2 problems to fix first.");
  await problems.nth(1).getByRole("button", { name: "Line 5" }).click();
  await page.keyboard.press("Delete");
  await settled(page);
  assert.equal(await problems.count(), 1);
});

test("typing is enough to have the answer again", async () => {
  const page = await browser.open();
  await page.locator("#settings .cm-content").press("Control+End");
  await page.keyboard.type("x");
  await settled(page);
  assert.match(await page.locator("#settings-problems").innerText(), /^Line 12 /);
  await page.keyboard.press("Backspace");
  await settled(page);
  assert.equal(await status(page), CHANGED);
});

test("a namespace that the manifest excludes is not sent to the policy, and the selector is a way to its line", async () => {
  const page = await browser.open();
  await choose(page, "Why has my sidecar no proxy?");
  await page.getByLabel("Namespace", { exact: true }).fill("kube-system");
  await settled(page);
  assert.equal(await status(page), "1 object: 1 not sent.");
  await page
    .getByRole("button", { name: /^settings, line \d+$/ })
    .first()
    .click();
  const selected = await page.locator("#settings").evaluate(({ shadowRoot }) => shadowRoot.activeElement?.className);
  assert.match(selected, /cm-content/);
});

test("the namespace decides the profile, which is shown with what chose it", async () => {
  const page = await browser.open();
  await paste(page, "objects", POD);
  const profile =
    "profiles:\n  - name: dmz\n    match: {namespaces: ['dmz-*']}\n    httpProxy: http://dmz-proxy.example.com:3128/\n";
  await paste(page, "settings", `httpProxy: http://proxy.example.com:3128/\n${profile}`);
  assert.doesNotMatch(await page.locator(".outcome").innerText(), /Profile/);
  await page.getByLabel("Namespace", { exact: true }).fill("dmz-shop");
  await settled(page);
  assert.match(await page.locator(".outcome").innerText(), /Profile dmz: match\.namespaces\[0\]/);
});

test("report only rejects what is out of date, and gives the report's manifest to copy", async () => {
  const page = await browser.open();
  await page.getByLabel(/Report only/).check();
  await settled(page);
  assert.equal(await status(page), "1 object: 1 rejected.");
  const manifest = await copiedPolicy(page);
  assert.match(manifest, /^apiVersion: [\s\S]*mutating: false/);
  assert.match(manifest, /mode: monitor/);
  assert.match(manifest, / {4}mode: Report/);
});

test("the policy's warnings are shown", async () => {
  const page = await browser.open();
  const annotated = "{name: app, annotations: {http-proxy.kubewarden.io/no-proxy: 'a b'}}";
  await paste(page, "objects", POD.replace("{name: app}", annotated));
  assert.equal(await page.locator(".outcome .warning li").count(), 1);
});

test("what cannot be read is said once, with what to do", async () => {
  const page = await browser.open();
  for (const text of ["kind: Pod\nspec: [", "kind: Pod\nspec: *missing", "{{ .Values.pod }}", "metadata: {name: a}"]) {
    await paste(page, "objects", text);
    assert.equal(await page.locator("#objects-problems li").count(), 1, text);
  }
  await paste(page, "objects", "apiVersion: v1\nkind: Service\nmetadata: {name: a}");
  assert.match(await page.locator("#answers .note").innerText(), /1 Service: not explained/);
  await paste(page, "objects", "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: a}");
  assert.match(await (await outcome(page)).innerText(), /a Rollout is not sent, its pods are/);
});

test("the manifest to copy has the settings", async () => {
  const page = await browser.open();
  const manifest = await copiedPolicy(page);
  await paste(page, "settings", manifest);
  assert.equal(await status(page), CHANGED);
  assert.match(manifest, /^apiVersion: policies\.kubewarden\.io\/v1\nkind: ClusterAdmissionPolicy\n/);
  assert.match(manifest, / {4}httpProxy: http:\/\/myproxy\.server\.com:8080\/\n/);
});

test("names in the objects are text, never markup", async () => {
  const page = await browser.open();
  await paste(page, "objects", POD.replaceAll("name: app", "name: '<img src=x onerror=alert(1)>'"));
  await page.locator("details.outcome").first().waitFor();
  assert.equal(await page.locator("#answers img").count(), 0);
});

test("2 MiB pasted leave the page responsive", async (context) => {
  const page = await browser.open();
  const many = (item) => Array.from({ length: Math.ceil((2 << 20) / item(0).length) }, (_, index) => item(index)).join("");
  const head = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: large\n";
  const container = (index) => `  - name: c${index}\n    image: registry.example.com/shop/backend:2.4.1\n`;
  // The same bytes on every run.
  let state = 1;
  const byte = () => String.fromCharCode((state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24);
  for (const [editor, text, expected] of [
    ["objects", `${head}spec:\n  containers:\n${many(container)}`, /^1 object: 1 /],
    ["objects", many(() => `---\n${POD}`), /^100 objects: 100 changed\. \d+ more are not shown\.$/],
    ["objects", `${head}  annotations:\n${many((index) => `    a-${index}: a text of some length\n`)}`, /^1 object: 1 /],
    ["settings", `noProxy:\n${many((index) => `  - host-${index}.example.com\n`)}`, /to fix first\.$/],
    ["settings", many(() => "noProxy: ["), /to fix first\.$/],
    ["settings", many(byte), /to fix first\.$/],
    ["objects", many(byte), /to fix first\.$/],
    ["objects", many(() => "x"), /to fix first\.$/],
  ]) {
    const what = `${editor}, ${JSON.stringify(text.slice(-20))}`;
    await page.evaluate(() => {
      let last = performance.now();
      window.longestPause = 0;
      window.ticks = setInterval(() => {
        const now = performance.now();
        window.longestPause = Math.max(window.longestPause, now - last);
        last = now;
      }, 5);
    });
    await paste(page, editor, text);
    const pause = await page.evaluate(() => {
      clearInterval(window.ticks);
      return Math.round(window.longestPause);
    });
    context.diagnostic(`${what}: the longest pause is ${pause} ms`);
    assert.match(await status(page), expected, what);
    assert.ok(pause < 2000, `${what}: ${pause} ms`);
    await choose(page, "Coming from AKS");
    assert.equal(await status(page), CHANGED);
  }
});

test("of many problems the first hundred are shown", async () => {
  const page = await browser.open();
  await paste(page, "settings", `noProxy:\n${"  - a b\n".repeat(150)}`);
  const problems = await page.locator("#settings-problems li").allInnerTexts();
  assert.equal(problems.length, 101);
  assert.match(problems[100], /^\d+ more are not shown\.$/);
});

test("what is done before the page is whole is not lost", async () => {
  const context = await browser.browser.newContext({ serviceWorkers: "block" });
  const page = await context.newPage();
  let release;
  const ready = new Promise((resolve) => (release = resolve));
  await page.route("**/explain.wasm", async (route) => {
    await ready;
    await route.continue();
  });
  await page.goto(browser.site.url);
  await page.locator("#engine", { hasText: "Answered when this page was built" }).waitFor();
  assert.equal(await page.locator("[inert]").count(), 2, "what cannot be used yet takes no input");
  const dropped = await page.evaluate(() => {
    const event = new DragEvent("drop", { dataTransfer: new DataTransfer(), cancelable: true, bubbles: true });
    document.body.dispatchEvent(event);
    return event.defaultPrevented;
  });
  assert.ok(dropped, "a dropped file takes the place of the page");
  await page.locator("#scenarios").getByRole("link", { name: "A corporate CA" }).click();
  release();
  await answered(page);
  assert.match(await page.locator("#answers").innerText(), /trusted CA/);
  assert.equal(await page.locator("[inert]").count(), 0);
  await context.close();
});

test("it works offline once it was loaded, whatever the query, and the survey once it was used", async (t) => {
  const own = await browserOf(t);
  const page = await own.open({}, "?utm=1");
  const survey = async () => {
    const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: a}]}";
    await page.locator("#dump").setInputFiles({ name: "a.yaml", mimeType: "text/yaml", buffer: Buffer.from(pod) });
    await page.locator("#survey-status", { hasText: "The policy would change 1 of 1 pod." }).waitFor({ timeout: 40_000 });
    await page.frameLocator("iframe").locator("h1").waitFor();
  };
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await answered(page);
  await survey();
  await page.context().setOffline(true);
  own.site.server.closeAllConnections();
  own.site.server.close();
  for (const url of [own.site.url, `${own.site.url}?utm=2`]) {
    await page.goto(url);
    await answered(page);
    assert.equal(await status(page), CHANGED);
    await survey();
  }
});
