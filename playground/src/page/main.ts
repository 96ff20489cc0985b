/** The page: editors and choices on the left, the policy's answers on the right. */

import type { Input, Problem, Result } from "../types";
import { byId, element } from "./dom";
import { Editor } from "./editor";
import { PolicyWorker } from "./policy-worker";
import { showResult, summary } from "./results";
import { fromFragment, toFragment } from "./share";

/** The repository's examples, which the build reads. */
declare const EXAMPLES: { settings: Example[]; manifests: Example[] };
interface Example {
  path: string;
  text: string;
}

/** Milliseconds after the last keystroke. */
const DEBOUNCE = 250;
/** Problems of a document that are shown. */
const SHOWN = 100;

const form = byId<HTMLFormElement>("request");
const status = byId("status");
const editors = {
  settings: new Editor(byId("settings"), "Settings, YAML or JSON", later),
  manifests: new Editor(byId("manifests"), "Manifests, YAML or JSON", later),
};

let policy: PolicyWorker | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

function input(): Input {
  const chosen = new FormData(form);
  return {
    settings: editors.settings.text,
    manifests: editors.manifests.text,
    operation: chosen.get("operation") as Input["operation"],
    namespace: String(chosen.get("namespace")).trim(),
    workloads: chosen.get("workloads") as Input["workloads"],
    report: chosen.has("report"),
  };
}

function restore(input: Input): void {
  editors.settings.text = input.settings;
  editors.manifests.text = input.manifests;
  for (const name of ["operation", "namespace", "workloads"] as const) {
    (form.elements.namedItem(name) as HTMLInputElement | HTMLSelectElement).value = input[name];
  }
  (form.elements.namedItem("report") as HTMLInputElement).checked = input.report;
}

function later(): void {
  policy?.forget();
  byId("results").ariaBusy = "true";
  clearTimeout(timer);
  timer = setTimeout(() => void update(input()), DEBOUNCE);
}

/** The answer, which is shown; nothing if the input changed before it came. */
async function update(input: Input): Promise<Result | undefined> {
  clearTimeout(timer);
  byId("results").ariaBusy = "true";
  const result = await policy?.evaluate(input);
  if (result !== undefined) {
    show(result);
    byId("results").ariaBusy = "false";
  }
  return result;
}

function show(result: Result): void {
  showProblems("settings", result.settingsProblems);
  showProblems("manifests", result.manifestProblems);
  status.textContent = summary(result);
  status.classList.toggle("bad", result.failure !== undefined);
  showResult(byId("answers"), result);
}

function showProblems(name: "settings" | "manifests", problems: Problem[]): void {
  const editor = editors[name];
  const shown = problems.slice(0, SHOWN);
  editor.mark(shown);
  const items = shown.map((problem) => {
    const button = element("button", { type: "button" }, `Line ${editor.lineAt(problem.from)}`);
    button.onclick = () => editor.goTo(problem);
    return element("li", {}, button, ` ${problem.message}`);
  });
  if (problems.length > SHOWN) {
    items.push(element("li", {}, `${problems.length - SHOWN} more are not shown.`));
  }
  byId(`${name}-problems`).replaceChildren(...items);
}

/** Writes the link into the address bar and the clipboard; the sentence says what came of it. */
async function share(): Promise<string> {
  const current = input();
  const result = await update(current);
  const refusal =
    result === undefined ? "No link yet: there is no answer to check. Try again." : (result.failure ?? result.secret);
  if (refusal !== undefined) {
    return refusal;
  }
  history.replaceState(null, "", await toFragment(current));
  try {
    await navigator.clipboard.writeText(location.href);
    return "The link is copied.";
  } catch {
    return "The link is in the address bar.";
  }
}

function offerExamples(name: "settings" | "manifests"): void {
  const select = byId<HTMLSelectElement>(`${name}-example`);
  select.append(...EXAMPLES[name].map(({ path }) => element("option", { value: path }, path)));
  select.onchange = () => {
    editors[name].text = EXAMPLES[name].find(({ path }) => path === select.value)?.text ?? "";
    select.value = "";
  };
}

async function start(): Promise<void> {
  offerExamples("settings");
  offerExamples("manifests");
  form.oninput = later;
  form.onsubmit = (event) => event.preventDefault();
  byId("share").onclick = async () => {
    byId("shared").textContent = await share().catch((error: Error) => error.message);
  };
  const restoreShared = async () => {
    const found = await fromFragment(location.hash);
    if (found !== undefined) {
      restore(found);
    }
    return found !== undefined;
  };
  window.onhashchange = restoreShared;
  if (!(await restoreShared())) {
    editors.settings.text = EXAMPLES.settings[0]?.text ?? "";
    editors.manifests.text = EXAMPLES.manifests[0]?.text ?? "";
  }
  const module = await fetch("policy.wasm");
  policy = new PolicyWorker(await WebAssembly.compile(await module.arrayBuffer()));
  void update(input());
  await navigator.serviceWorker?.register("service-worker.js");
}

start().catch((error: Error) => {
  status.textContent = `The page cannot start: ${error.message}`;
  status.classList.add("bad");
});
