/** What a user of the page can rely on. */

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { answered, Browser, choose, copied, paste, status } from "./browser.mjs";

const SCREENSHOTS = fileURLToPath(new URL("../../target/playground", import.meta.url));
const INJECTED = "1 object: 1 changed.";
const POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec:\n  containers: [{name: app, image: app}]\n";

let browser;
before(async () => {
  browser = await Browser.start();
});
after(async () => {
  await browser.stop();
  assert.deepEqual(browser.faults, [], "errors, violations of the content security policy, or requests to another origin");
});

test("the first example is injected when the page stands", async () => {
  const page = await browser.open();
  assert.equal(await status(page), INJECTED);
  assert.ok((await page.locator(".outcome ins.cm-insertedLine").count()) > 5, "the diff marks no line");
  assert.match(
    await copied(page, page.locator(".outcome"), "Object"),
    / name: HTTP_PROXY\n +value: http:\/\/myproxy\.server\.com:8080\/\n/,
  );
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
  await problems.nth(1).getByRole("button").click();
  await page.keyboard.press("End");
  await page.keyboard.press("Shift+Home");
  await page.keyboard.press("Delete");
  await answered(page);
  assert.equal(await problems.count(), 1);
});

test("typing is enough to have the answer again", async () => {
  const page = await browser.open();
  await page.locator("#settings .cm-content").press("Control+End");
  await page.keyboard.type("x");
  await answered(page);
  assert.match(await page.locator("#settings-problems").innerText(), /^Line 12 /);
  await page.keyboard.press("Backspace");
  await answered(page);
  assert.equal(await status(page), INJECTED);
});

test("an answer that comes after a change is not shown", async () => {
  const page = await browser.open();
  await page.evaluate(() => {
    document.getElementById("share").click();
    const form = document.getElementById("request");
    form.elements.namedItem("report").checked = true;
    form.dispatchEvent(new Event("input"));
  });
  await answered(page);
  assert.equal(await status(page), "1 object: 1 rejected.");
  assert.match(await page.locator("#shared").innerText(), /^No link yet: /);
});

test("what AKS prints and a policy's manifest hold the same settings", async () => {
  const page = await browser.open();
  await paste(page, "manifests", POD);
  const settings = { httpProxy: "http://proxy.example.com:3128/", noProxy: ["10.0.0.0/8"] };
  const patches = [];
  for (const document of [
    settings,
    { httpProxyConfig: settings },
    { id: "/subscriptions/0", name: "cluster", httpProxyConfig: settings, securityProfile: null },
    { properties: { httpProxyConfig: settings } },
    { apiVersion: "policies.kubewarden.io/v1", kind: "ClusterAdmissionPolicy", spec: { settings } },
  ]) {
    await paste(page, "settings", JSON.stringify(document, null, 2));
    patches.push(await copied(page, page.locator(".outcome"), "JSON patch"));
  }
  assert.equal(new Set(patches).size, 1);
  await paste(page, "settings", '{"name": "cluster", "httpProxyConfig": null}');
  assert.match(
    await page.locator("#settings-problems").innerText(),
    /^Line 1 httpProxyConfig: the cluster has no HTTP proxy configuration/,
  );
});

test("a problem in a policy's manifest is marked where the settings stand in it", async () => {
  const page = await browser.open();
  await paste(page, "settings", "kind: ClusterAdmissionPolicy\nspec:\n  settings:\n    httpProxy: ftp://proxy.example.com\n");
  assert.match(await page.locator("#settings-problems").innerText(), /^Line 4 httpProxy: /);
});

test("a Deployment and a CronJob show their pods, or themselves", async () => {
  const page = await browser.open();
  await choose(page, "manifests", "workloads.yaml");
  const titles = () => page.locator(".outcome summary strong").allInnerTexts();
  assert.deepEqual(await titles(), ["Pod shop-frontend-", "Pod nightly-export-"]);
  await page.getByLabel("Workloads").selectOption("templates");
  await answered(page);
  assert.deepEqual(await titles(), ["Deployment shop-frontend", "CronJob nightly-export"]);
  assert.equal(await status(page), "2 objects: 2 changed.");
  await page.getByLabel("Operation").selectOption("UPDATE");
  await answered(page);
  assert.equal(await status(page), "2 objects: 2 left as it is.");
  await page.getByLabel("Operation").selectOption("UPDATE-TEMPLATE");
  await answered(page);
  assert.equal(await status(page), "2 objects: 2 changed.");
});

test("the namespace decides the profile, which is shown", async () => {
  const page = await browser.open();
  await paste(page, "manifests", POD);
  await paste(
    page,
    "settings",
    [
      "httpProxy: http://proxy.example.com:3128/",
      "profiles:",
      "  - name: dmz",
      "    match: {namespaces: ['dmz-*']}",
      "    httpProxy: http://dmz-proxy.example.com:3128/",
    ].join("\n"),
  );
  assert.match(await page.locator(".outcome").innerText(), /Profile: none/);
  await page.getByLabel("Namespace").fill("dmz-shop");
  await answered(page);
  assert.match(await page.locator(".outcome").innerText(), /Profile: dmz/);
});

test("mode: Report rejects what is out of date, and gives the report's manifest to copy", async () => {
  const page = await browser.open();
  await page.getByLabel("mode: Report").check();
  await answered(page);
  assert.equal(await status(page), "1 object: 1 rejected.");
  const manifest = await copied(page, page.locator("#answers"), "ClusterAdmissionPolicy");
  assert.match(manifest, /^apiVersion: [^]*mutating: false/);
  assert.match(manifest, /mode: monitor/);
  assert.match(manifest, / {4}mode: Report/);
});

test("the policy's warnings are shown", async () => {
  const page = await browser.open();
  await paste(
    page,
    "manifests",
    POD.replace("{name: app}", "{name: app, annotations: {http-proxy.kubewarden.io/no-proxy: 'a b'}}"),
  );
  assert.equal(await page.locator(".outcome .warning li").count(), 1);
});

test("YAML that cannot be read is marked, in the manifests, too", async () => {
  const page = await browser.open();
  for (const text of ["kind: Pod\nspec: [", "kind: Pod\nspec: *missing"]) {
    await paste(page, "manifests", text);
    assert.equal(await page.locator("#manifests-problems li").count(), 1, text);
  }
});

test("the manifest to copy has the settings", async () => {
  const page = await browser.open();
  const manifest = await copied(page, page.locator("#answers"), "ClusterAdmissionPolicy");
  await paste(page, "settings", manifest);
  assert.equal(await status(page), INJECTED);
  assert.match(manifest, /^apiVersion: policies\.kubewarden\.io\/v1\nkind: ClusterAdmissionPolicy\n/);
  assert.match(manifest, / {4}httpProxy: http:\/\/myproxy\.server\.com:8080\/\n/);
});

test("a link restores the state", async () => {
  const page = await browser.open();
  await choose(page, "settings", "per-node-pool/policy.yaml");
  await choose(page, "manifests", "workloads.yaml");
  await page.getByLabel("Operation").selectOption("UPDATE-TEMPLATE");
  await page.getByLabel("Workloads").selectOption("templates");
  await page.getByLabel("Namespace").fill("dmz-shop");
  await page.getByLabel("mode: Report").check();
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.getByText("The link is copied.").waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const state = (page) =>
    page.evaluate(() => [
      document.querySelector("#status").textContent,
      ...["settings", "manifests"].map((id) => document.getElementById(id).shadowRoot.textContent),
      ...new FormData(document.querySelector("form")),
    ]);
  const restored = await browser.open({}, new URL(link).hash);
  assert.deepEqual(await state(restored), await state(page));
  assert.ok(JSON.stringify(await state(restored)).includes("dmz-proxy.example.com"));
});

test("no link holds a password", async () => {
  const page = await browser.open();
  const attempts = [
    ["settings", "httpProxy: http://user:hunter2@proxy.example.com:3128/"],
    ["settings", '{"httpProxy": "http:\\/\\/user:hunter2\\u0040proxy.example.com"}'],
    ["settings", "httpProxy: http://user:hun ter2@proxy.example.com"],
    ["settings", "httpProxy: ["],
    ["manifests", `${POD}# curl -x http://user:hunter2@proxy.example.com\n`],
    ["manifests", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {url: aHR0cA==}\n"],
    ["manifests", '{"kind": "List", "items": [{"kind": "Secret"}]}'],
  ];
  for (const [editor, text] of attempts) {
    await choose(page, "settings", "aks-proxy-config.json");
    await choose(page, "manifests", "pod.yaml");
    await paste(page, editor, text);
    await page.getByRole("button", { name: "Copy link" }).click();
    const refused = text !== "httpProxy: [";
    await page.locator("#shared", { hasText: refused ? "No link: " : "The link is copied." }).waitFor();
    assert.equal(new URL(page.url()).hash === "", refused, text);
    await page.evaluate(() => {
      history.replaceState(null, "", location.pathname);
      document.querySelector("#shared").textContent = "";
    });
  }
});

test("2 MiB pasted leave the page responsive", async (context) => {
  const page = await browser.open();
  const many = (item) => Array.from({ length: Math.ceil((2 << 20) / item(0).length) }, (_, index) => item(index)).join("");
  const head = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: large\n";
  const container = (index) => `  - name: c${index}\n    image: registry.example.com/shop/backend:2.4.1\n`;
  const annotation = (index) => `    a-${index}: a text of some length\n`;
  // The same bytes on every run.
  let state = 1;
  const byte = () => String.fromCharCode((state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24);
  for (const [editor, text, expected] of [
    ["manifests", `${head}spec:\n  containers:\n${many(container)}`, /^1 object: 1 rejected\.$/],
    ["manifests", many(() => `---\n${POD}`), /^100 objects: 100 changed\. \d+ more are not shown\.$/],
    // Reading so many keys in one place takes longer than an answer may.
    ["manifests", `${head}  annotations:\n${many(annotation)}`, /^(The policy gave no answer: |1 object: )/],
    ["settings", `noProxy:\n${many((index) => `  - host-${index}.example.com\n`)}`, /to fix first\.$/],
    ["settings", many(() => "noProxy: ["), /to fix first\.$/],
    ["settings", many(byte), /to fix first\.$/],
    ["manifests", many(byte), /to fix first\.$/],
    ["manifests", many(() => "x"), /^1 object: 1 no answer\.$/],
  ]) {
    const what = `${editor}, ${JSON.stringify(text.slice(-20))}`;
    assert.ok(text.length >= 2 << 20, what);
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
    await choose(page, editor, editor === "settings" ? "aks-proxy-config.json" : "pod.yaml");
    assert.equal(await status(page), INJECTED);
  }
});

test("of many problems the first hundred are shown, and of a long message its start", async () => {
  const page = await browser.open();
  await paste(page, "settings", `noProxy:\n${"  - a b\n".repeat(150)}`);
  const problems = await page.locator("#settings-problems li").allInnerTexts();
  assert.equal(problems.length, 101);
  assert.match(problems[100], /^\d+ more are not shown\.$/);
  await paste(page, "manifests", `kind: *${"x".repeat(1000)}`);
  const [problem] = await page.locator("#manifests-problems li").allInnerTexts();
  assert.ok(problem.endsWith("…") && problem.length < 400, problem);
});

test("the page is usable with the keyboard alone, and its parts have names", async () => {
  const page = await browser.open();
  const names = new Set();
  for (let presses = 0; presses < 24; presses++) {
    await page.keyboard.press("Tab");
    names.add(
      await page.evaluate(() => {
        const focused = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
        return focused?.ariaLabel ?? focused?.labels?.[0]?.innerText.split("\n")[0].trim() ?? focused?.textContent;
      }),
    );
  }
  for (const name of [
    "Settings example",
    "Settings, YAML or JSON",
    "Manifests, YAML or JSON",
    "Operation",
    "Namespace",
    "Copy link",
    "Answers",
    "Diff",
  ]) {
    assert.ok(names.has(name), `${name} is not among ${[...names].join(" | ")}`);
  }
  await page.getByRole("tab", { name: "Diff" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.getByRole("tabpanel", { name: "Object" }).waitFor();
  assert.equal(await page.getByRole("tab", { name: "Object" }).getAttribute("aria-selected"), "true");
});

test("it works offline once it was loaded", async () => {
  const own = await Browser.start();
  const page = await own.open();
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.context().setOffline(true);
  own.site.server.closeAllConnections();
  own.site.server.close();
  await page.reload();
  await answered(page);
  assert.equal(await status(page), INJECTED);
  await own.stop();
});

for (const [name, options] of Object.entries({
  light: { viewport: { width: 1400, height: 1000 } },
  dark: { viewport: { width: 1400, height: 1000 }, colorScheme: "dark" },
  narrow: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
})) {
  test(`nothing is cut off, ${name}: target/playground/${name}.png`, async () => {
    const page = await browser.open(options);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= options.viewport.width, `${width}`);
    // An editor measures its lines when it comes into view.
    await page.locator(".outcome .cm-line").last().scrollIntoViewIfNeeded();
    await page.locator("h1").scrollIntoViewIfNeeded();
    mkdirSync(SCREENSHOTS, { recursive: true });
    await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
  });
}
