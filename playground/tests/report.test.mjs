/** The page of `http-proxy survey --output html`, which has no server: it is opened as a file. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { axeFinds, launchChromium, modes } from "./browser.mjs";
import { ROOT, tool } from "./tools.mjs";

const FOLDER = join(ROOT, "target/playground");
const PICTURE = join(ROOT, "docs/survey.png");
const DUMP = "crates/survey/tests/fixtures/dump.json";
const DESKTOP = { width: 1200, height: 800 };
const MODES = modes(DESKTOP);

/** 10,000 pods of 400 Deployments in 40 namespaces: each calls its namespace's Service by the short name. */
function largeDump() {
  const items = [];
  for (let space = 0; space < 40; space++) {
    const namespace = `team-${space}`;
    items.push({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    items.push({ apiVersion: "v1", kind: "Service", metadata: { name: `api-${space}`, namespace }, spec: {} });
    for (let number = 0; number < 10; number++) {
      const env = [{ name: "API_URL", value: `http://api-${space}:8080` }];
      for (let pod = 0; pod < 25; pod++) {
        const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: `web-${number}-5f6d8b`, controller: true };
        const metadata = {
          name: `web-${number}-5f6d8b-${pod}`,
          namespace,
          labels: { "pod-template-hash": "5f6d8b" },
          ownerReferences: [owner],
        };
        items.push({ apiVersion: "v1", kind: "Pod", metadata, spec: { containers: [{ name: "web", image: "web", env }] } });
      }
    }
  }
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

/** Surveys a dump, and gives the page's file. */
function report(name, dump) {
  const command = ["survey", "examples/quickstart/policy.yaml", dump, "--output", "html"];
  const page = execFileSync(tool("http-proxy"), command, { cwd: ROOT, maxBuffer: 1 << 26 });
  const file = join(FOLDER, `${name}.html`);
  writeFileSync(file, page);
  return file;
}

let browser;
const files = {};
/** What no page may do: errors, violations of the content security policy, requests. */
const faults = [];

before(async () => {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, "large.json"), largeDump());
  files.small = report("survey", DUMP);
  files.large = report("survey-large", join(FOLDER, "large.json"));
  browser = await launchChromium();
});
after(async () => {
  await browser.close();
  assert.deepEqual(faults, []);
});

async function open(name, options = {}) {
  const context = await browser.newContext(options);
  const url = String(pathToFileURL(files[name]));
  context.on("request", (request) => {
    if (request.url().split("#")[0] !== url) {
      faults.push(`request to ${request.url()}`);
    }
  });
  context.on("console", (message) => faults.push(message.text()));
  context.on("weberror", (error) => faults.push(String(error.error())));
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

/** The objects of the findings that are seen. */
const seen = (page, section) =>
  page.locator(`#${section} tr[data-ns] th:visible`).evaluateAll((all) => all.map((cell) => cell.firstChild.textContent));

for (const [name, options] of Object.entries(MODES)) {
  test(`axe finds nothing in the report and nothing is cut off, ${name}: target/playground/survey-${name}.png`, async () => {
    for (const size of ["large", "small"]) {
      const page = await open(size, options);
      await page.locator("details").evaluateAll((all) => all.slice(0, 2).forEach((details) => (details.open = true)));
      assert.deepEqual(await axeFinds(page), [], size);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= options.viewport.width, `${size}: ${width}`);
      await page.screenshot({ path: join(FOLDER, `survey-${name}.png`), fullPage: size === "small" });
    }
  });
}

test("colours follow the system's", async () => {
  const background = async (colorScheme) => {
    const page = await open("small", { colorScheme });
    return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  };
  assert.equal(await background("light"), "rgb(255, 255, 255)");
  assert.equal(await background("dark"), "rgb(18, 22, 27)");
});

test("a namespace is chosen without any script", async () => {
  const page = await open("small", { javaScriptEnabled: false });
  assert.equal(await page.getByRole("searchbox").count(), 0);
  assert.equal((await seen(page, "breaks")).length, 4);
  await page.getByLabel("Namespace").selectOption("shop");
  assert.deepEqual(await seen(page, "breaks"), ["Deployment shop/web", "Deployment shop/api", "CronJob shop/report"]);
  await page.getByText("Only findings and namespaces of the chosen namespace are shown.").waitFor();
});

test("a search leaves what has the words, and opens the groups that have it", async () => {
  const page = await open("large");
  assert.deepEqual(await seen(page, "breaks"), []);
  await page.getByRole("searchbox", { name: "Search" }).fill("team-7/web-3");
  assert.deepEqual(await seen(page, "breaks"), ["Deployment team-7/web-3"]);
  assert.equal(await page.locator("#breaks details:visible").count(), 1);
  await page.getByRole("searchbox").fill("");
  assert.ok((await page.locator("#breaks details:visible").count()) >= 40);
});

test("on paper, nothing is folded, and there is nothing to click; dark screens print on white", async () => {
  const page = await open("large", { colorScheme: "dark" });
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator("nav:visible").count(), 0);
  assert.equal((await seen(page, "breaks")).length, 400);
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
  const pdf = await page.pdf({ format: "A4" });
  const pages = pdf.toString("latin1").match(/\/Type \/Page\b/g).length;
  assert.ok(pages >= 8, `${pages} pages`);
});

test("the report of 10,000 pods stays below 1 MB", (context) => {
  const { length } = readFileSync(files.large);
  context.diagnostic(`${(length / 1e3).toFixed(0)} kB`);
  assert.match(readFileSync(files.large, "utf8"), /10000 of 10000 pods/);
  assert.ok(length < 1e6, `${length}`);
});

/** The part of the pixels that differ visibly between two pictures of one size. */
async function difference(pictures) {
  const page = await browser.newPage();
  const different = await page.evaluate(
    async (pictures) => {
      const [one, other] = await Promise.all(
        pictures.map(async (picture) => {
          const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${picture}`)).blob());
          const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
          context.drawImage(bitmap, 0, 0);
          return context.getImageData(0, 0, bitmap.width, bitmap.height);
        }),
      );
      if (one.width !== other.width || one.height !== other.height) {
        return 1;
      }
      let count = 0;
      for (let index = 0; index < one.data.length; index += 4) {
        count += Math.abs(one.data[index] - other.data[index]) > 64 ? 1 : 0;
      }
      return count / (one.data.length / 4);
    },
    pictures.map((picture) => picture.toString("base64")),
  );
  await page.close();
  return different;
}

test("docs/survey.png shows the report", async (context) => {
  const page = await open("small", { viewport: { width: 1200, height: 720 } });
  const picture = await page.screenshot();
  if (process.env.RENEW) {
    writeFileSync(PICTURE, picture);
  }
  const different = await difference([picture, readFileSync(PICTURE)]);
  context.diagnostic(`${(different * 100).toFixed(2)} % differ, ${(picture.length / 1e3).toFixed(0)} kB`);
  // Fonts differ a little between machines.
  assert.ok(different < 0.05, "docs/survey.png is out of date; make survey-picture updates it");
  assert.ok(readFileSync(PICTURE).length < 150_000);
});
