/** The module in the browser against the module in the engine of a policy server. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

import { SCENARIOS } from "../scenarios.mjs";
import { choose, copied, settled, startBrowser } from "./browser.mjs";
import { ROOT, tool } from "./tools.mjs";

const browser = startBrowser();

test("in every scenario and operation, answers and patches are those of the embedded host, byte by byte", async (context) => {
  const page = await browser.open();
  const [worker] = page.workers();
  await worker.evaluate(record);
  const patches = new Map();
  for (const { title } of SCENARIOS) {
    await worker.evaluate(() => (self.calls = []));
    await choose(page, title);
    for (const operation of ["UPDATE", "DELETE", "CREATE"]) {
      await page.getByLabel("Operation").selectOption(operation);
      await settled(page);
    }
    await collect(page, await worker.evaluate(() => self.calls), patches);
  }
  const lines = [...patches.keys()];
  const expected = embeddedHost(lines);
  lines.forEach((line, index) => {
    const { answer, patch } = patches.get(line);
    assert.equal(answer, expected[index].answer, line);
    if (patch !== undefined) {
      assert.equal(JSON.stringify(JSON.parse(patch)), expected[index].patch, line);
    }
  });
  const changed = lines.filter((line) => patches.get(line).patch !== undefined).length;
  context.diagnostic(`${lines.length} calls, ${changed} of them with a patch that the page shows`);
  assert.ok(changed >= 8, `${changed}`);
});

/** Notes the calls' answers, and of the last ones, which the page shows, the patches. */
async function collect(page, calls, patches) {
  calls.forEach(({ operation, payload, answer }) => patches.set(`${operation} ${payload}`, { answer }));
  const shown = page.locator("details.outcome.changed");
  const changing = calls.filter(({ answer }) => answer.includes('"mutated_object":{')).slice(-(await shown.count()));
  for (const [index, { operation, payload, answer }] of changing.entries()) {
    const place = page.locator("details.outcome.changed").nth(index);
    await place.evaluate((details) => (details.open = true));
    patches.set(`${operation} ${payload}`, { answer, patch: await copied(page, place, "JSON patch") });
  }
}

function embeddedHost(lines) {
  const { stdout, stderr, status } = spawnSync(tool("answers"), {
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

/** Runs in the worker: notes the bytes that go into the policy and come out of it. */
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
            if (operation === "validate") {
              self.calls.push({ operation, payload, answer: text(at, length) });
            }
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
