/** The page: what a user enters on the left, the answer on the right. */

import { type Answer, EMPTY, type Problem, type State } from "../types";
import { byId, element } from "./dom";
import * as draft from "./draft";
import { Engine } from "./engine";
import type { Inputs } from "./inputs";
import { showAnswer, summary } from "./results";
import { fromFragment, isShared, toFragment } from "./share";
import type { Survey } from "./survey";
import type { Tester } from "./tester";

/** What the build makes of `scenarios.mjs`. */
declare const SCENARIOS: (Partial<State> & { id: string; title: string; sentence: string })[];
/** The modules' answer to the first of them, which is there before they are. */
declare const FIRST: Answer;
declare const VERSION: string;

/** Milliseconds after the last keystroke. */
const DEBOUNCE = 250;

const engine = new Engine();
const status = byId("status");
const shared = byId("shared");
let inputs: Inputs | undefined;
let tester: Tester | undefined;
let survey: Survey | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

const actions = {
  goTo: (...place: Parameters<Inputs["goTo"]>) => inputs?.goTo(...place),
  setLabels: (labels: string) => {
    if (inputs !== undefined) {
      inputs.labels = labels;
      later();
    }
  },
};

/** Asks again when typing pauses. */
function later(): void {
  engine.forget();
  byId("results").ariaBusy = "true";
  clearTimeout(timer);
  timer = setTimeout(() => inputs && void update(inputs.state), DEBOUNCE);
}

/** Shows the answer, unless the state changed before it came. */
async function update(state: State): Promise<void> {
  clearTimeout(timer);
  byId("results").ariaBusy = "true";
  try {
    const answer = await engine.answer(state);
    if (answer === undefined) {
      return;
    }
    show(answer, engine.isReleased ? "Answered by policy.wasm" : "Answered by the policy’s code, until policy.wasm is there");
  } catch (error) {
    fail((error as Error).message);
  }
  byId("results").ariaBusy = "false";
  if (inputs !== undefined) {
    survey?.note();
    void tester?.update();
    const secrets = await engine.secrets(state).catch(() => undefined);
    draft.keep(secrets?.length === 0 ? state : undefined);
  }
}

function show(answer: Answer, by: string): void {
  inputs?.show(answer.problems);
  say(summary(answer), answer.problems.length > 0);
  byId("engine").textContent = `${by}, version ${VERSION}`;
  // While there are problems, the last answer stays to compare with.
  byId("answers").classList.toggle("old", answer.problems.length > 0);
  if (answer.problems.length === 0) {
    showAnswer(byId("answers"), answer, actions);
  }
}

function fail(message: string): void {
  say(message, true);
  byId("answers").classList.add("old");
}

function say(text: string, isBad: boolean): void {
  status.textContent = text;
  status.classList.toggle("bad", isBad);
  byId("bar").textContent = text;
}

/** Writes the link into the address bar and the clipboard, unless it would hold a secret. */
async function share(): Promise<void> {
  const state = inputs?.state;
  if (state === undefined) {
    return;
  }
  const secrets = await engine.secrets(state);
  if (secrets.length > 0) {
    refuse(secrets);
    return;
  }
  history.replaceState(null, "", await toFragment(state));
  const copied = navigator.clipboard.writeText(location.href).then(
    () => "The link is copied. Everyone who has it can read what it holds.",
    () => "The link is in the address bar. Everyone who has it can read what it holds.",
  );
  shared.replaceChildren(await copied);
}

function refuse(secrets: Problem[]): void {
  inputs?.show(secrets);
  const items = secrets.slice(0, 10).map((secret) => inputs?.item(secret) ?? "");
  const more = secrets.length > 10 ? `, here the first 10 of ${secrets.length}` : "";
  shared.replaceChildren(
    element("p", { className: "bad" }, `No link: it would hold what may be a secret${more}.`),
    element("ul", { className: "problems" }, ...items),
  );
}

/** Links, so that arrow keys load none: a user's text stays until a scenario is chosen. */
function offerScenarios(): void {
  const items = SCENARIOS.map(({ id, title, sentence, ...state }) => {
    const link = element("a", { href: `#scenario=${id}` }, element("b", {}, title), " ", element("span", {}, sentence));
    link.onclick = (event) => {
      event.preventDefault();
      choose(id);
      if (inputs !== undefined) {
        inputs.state = { ...EMPTY, ...state };
        void update(inputs.state);
      }
    };
    return element("li", {}, link);
  });
  byId("scenarios").replaceChildren(...items);
}

/** Marks a scenario as the one that is shown. */
function choose(id: string): void {
  history.replaceState(null, "", `#scenario=${id}`);
  shared.replaceChildren();
  for (const link of byId("scenarios").querySelectorAll("a")) {
    link.ariaCurrent = link.hash === `#scenario=${id}` ? "true" : null;
  }
}

function scenarioOf(fragment: string) {
  return SCENARIOS.find(({ id }) => fragment === `#scenario=${id}`);
}

/** What the page begins with: a link's state, a scenario, a draft, or the first scenario. */
async function initial(): Promise<State> {
  if (isShared(location.hash)) {
    try {
      const { state, version } = await fromFragment(location.hash);
      const other = version === VERSION ? "" : ` It was made with version ${version}; this is version ${VERSION}.`;
      shared.replaceChildren(other === "" ? "" : `This is a shared state.${other}`);
      return state;
    } catch (error) {
      shared.replaceChildren(element("p", { className: "bad" }, (error as Error).message));
      return EMPTY;
    }
  }
  const chosen = scenarioOf(location.hash);
  const kept = draft.kept();
  if (kept !== undefined && chosen === undefined) {
    return kept;
  }
  const { title: _title, sentence: _sentence, id: first, ...state } = chosen ?? SCENARIOS[0]!;
  choose(first);
  return { ...EMPTY, ...state };
}

async function start(): Promise<void> {
  // A file that is dropped never takes the page's place.
  ["dragover", "drop"].forEach((type) => window.addEventListener(type, (event) => event.preventDefault()));
  offerScenarios();
  const state = await initial();
  // Seen until the editors are there.
  byId("settings").textContent = state.settings;
  byId("objects").textContent = state.objects;
  const explanation = engine.load("explanation", "explain.wasm");
  // On a slow line, what the answer needs comes before the rest.
  const load = () => import("./tools");
  let early: ReturnType<typeof load> | undefined;
  if (isFirst(state)) {
    show(FIRST, "Answered when this page was built");
    early = load();
  }
  await explanation;
  const first = update(state);
  const tools = await (early ?? load());
  await first;
  // Another scenario may have been chosen meanwhile.
  takeInputs(new tools.Inputs(await initial(), later), tools);
  // In this order: an answer would hide that the module is missing.
  await update(inputs!.state);
  await engine.load("policy", "policy.wasm");
  await update(inputs!.state);
  await navigator.serviceWorker?.register("service-worker.js");
}

function isFirst(state: State): boolean {
  const { title: _title, sentence: _sentence, id: _id, ...first } = SCENARIOS[0]!;
  return JSON.stringify(state) === JSON.stringify({ ...EMPTY, ...first });
}

/** From here on, the page can be changed. */
function takeInputs(made: Inputs, tools: typeof import("./tools")): void {
  inputs = made;
  document.querySelectorAll<HTMLElement>("[inert]").forEach((part) => (part.inert = false));
  tester = new tools.Tester(engine, () => made.state, DEBOUNCE);
  survey = new tools.Survey(() => made.state.settings);
  made.takeDrops((files) => survey?.start(files));
  window.onhashchange = async () => {
    // Other fragments are places of the page.
    if (isShared(location.hash) || scenarioOf(location.hash) !== undefined) {
      made.state = await initial();
    }
  };
  byId("share").onclick = () => share().catch((error: Error) => shared.replaceChildren(error.message));
}

start().catch((error: Error) => {
  fail(`The page cannot start: ${error.message}`);
  byId("results").ariaBusy = "false";
});
