/** The module in the browser against the module in the engine of a policy server. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { answered, Browser, choose, copied, paste } from "./browser.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

let browser;
before(async () => {
  browser = await Browser.start();
});
after(() => browser.stop());

test("every example, and what takes its values out again, gives the answers and patches of the embedded host, byte by byte", async (context) => {
  const page = await browser.open();
  const [worker] = page.workers();
  await worker.evaluate(record);
  const patches = new Map();
  const collect = async (change) => {
    await worker.evaluate(() => (self.calls = []));
    await change();
    await collectPatches(page, await worker.evaluate(() => self.calls), patches);
  };
  const settings = await page
    .locator('#settings-example option:not([value=""])')
    .evaluateAll((all) => all.map(({ value }) => value));
  for (const [manifests, workloads] of [
    ["pod.yaml", "pods"],
    ["workloads.yaml", "pods"],
    ["workloads.yaml", "templates"],
  ]) {
    await page.getByLabel("Workloads").selectOption(workloads);
    await choose(page, "manifests", manifests);
    for (const example of settings) {
      await collect(() => choose(page, "settings", example));
    }
  }
  for (const operation of ["UPDATE", "UPDATE-TEMPLATE", "DELETE"]) {
    await collect(async () => {
      await page.getByLabel("Operation").selectOption(operation);
      await answered(page);
    });
  }
  await page.getByLabel("Operation").selectOption("CREATE");
  await choose(page, "manifests", "pod.yaml");
  await choose(page, "settings", "aks-proxy-config-with-ca.json");
  await paste(page, "manifests", await copied(page, page.locator(".outcome"), "Object"));
  await collect(() => paste(page, "settings", "enabled: false"));
  assert.match(await copied(page, page.locator(".outcome"), "JSON patch"), /"op":"remove"/);

  const lines = [...patches.keys()];
  const expected = embeddedHost(lines);
  lines.forEach((line, index) => {
    const { answer, patch } = patches.get(line);
    assert.equal(answer, expected[index].answer, line);
    if (patch !== undefined) {
      assert.equal(JSON.stringify(JSON.parse(patch)), expected[index].patch, line);
    }
  });
  const changed = expected.filter(({ patch }) => patch.length > 2).length;
  context.diagnostic(`${lines.length} calls, ${changed} of them change an object`);
  assert.ok(changed > 40, `${changed}`);
  assert.deepEqual(browser.faults, []);
});

/** Notes a call's answer, and the patch that the page shows for it. The calls that ask for a profile have none. */
async function collectPatches(page, calls, patches) {
  const outcomes = page.locator("details.outcome");
  const asked = calls.filter(({ operation, payload }) => operation === "validate" && !payload.includes("profile-0.invalid"));
  assert.equal(await outcomes.count(), asked.length);
  for (const { operation, payload, answer } of calls) {
    const index = asked.findIndex((call) => call.payload === payload);
    let patch;
    if (index >= 0) {
      const outcome = outcomes.nth(index);
      await outcome.evaluate((details) => (details.open = true));
      patch = await copied(page, outcome, "JSON patch");
    }
    patches.set(`${operation} ${payload}`, { answer, patch });
  }
}

function embeddedHost(lines) {
  const { stdout, stderr, status } = spawnSync("cargo", ["run", "--quiet", "--package", "e2e-tests", "--bin", "answers"], {
    cwd: ROOT,
    input: lines.map((line) => `${line}\n`).join(""),
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  assert.equal(status, 0, stderr);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"))
    .map(([answer, patch]) => ({ answer, patch }));
}

/** Runs in the worker: notes the bytes that go into the module and come out of it. */
function record() {
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class extends Instance {
    constructor(module, { wapc, wasi_snapshot_preview1 }) {
      const call = {};
      const text = (at, length) => new TextDecoder().decode(new Uint8Array(call.memory.buffer, at, length));
      super(module, {
        wasi_snapshot_preview1,
        wapc: {
          ...wapc,
          __guest_request(operation, payload) {
            wapc.__guest_request(operation, payload);
            call.operation = text(operation, call.lengths[0]);
            call.payload = text(payload, call.lengths[1]);
          },
          __guest_response(at, length) {
            wapc.__guest_response(at, length);
            const { operation, payload } = call;
            self.calls.push({ operation, payload, answer: text(at, length) });
          },
        },
      });
      this.call = call;
    }

    get exports() {
      const { memory, wapc_init, __guest_call } = super.exports;
      this.call.memory = memory;
      return { memory, wapc_init, __guest_call: (...lengths) => __guest_call(...(this.call.lengths = lengths)) };
    }
  };
  self.calls = [];
}
