/** The right side: what becomes of each object, and why. */

import type { Answer, Explained, Field, Verdict } from "../types";
import { copyButton, element } from "./dom";
import { diff } from "./diff";
import { references } from "./references";
import { tabs } from "./tabs";
import { whyTable } from "./why";

const WORDS: Record<Verdict, string> = { changed: "changed", unchanged: "unchanged", rejected: "rejected", notSent: "not sent" };
const SIGNS: Record<Verdict, string> = { changed: "+", unchanged: "=", rejected: "✕", notSent: "–" };

/** What a user can do in the answer. */
export interface Actions {
  goTo(field: Field, line: number): void;
  setLabels(labels: string): void;
}

/** One sentence, which screen readers are told. */
export function summary({ problems, objects, left }: Answer): string {
  if (problems.length > 0) {
    return `${problems.length === 1 ? "One problem" : `${problems.length} problems`} to fix first.`;
  }
  if (objects.length === 0) {
    return "There is no pod to explain. Choose a scenario, or paste a pod or a workload.";
  }
  const counts = Object.entries(WORDS)
    .map(([verdict, word]) => [objects.filter((object) => object.verdict === verdict).length, word])
    .filter(([count]) => count !== 0)
    .map((count) => count.join(" "));
  const more = left > 0 ? ` ${left} more are not shown.` : "";
  return `${objects.length} object${objects.length === 1 ? "" : "s"}: ${counts.join(", ")}.${more}`;
}

/** What a user has opened and closed, by the place in the list and the part: it stays so as the user types. */
const opened = new Map<string, boolean>();
let shown = "";

/** Shows an answer in place of the last one. Scroll, focus and what is open stay. */
export function showAnswer(parent: HTMLElement, answer: Answer, actions: Actions): void {
  const json = JSON.stringify(answer);
  if (json === shown) {
    return;
  }
  shown = json;
  const focused = (document.activeElement as HTMLElement | null)?.dataset["key"];
  const scrolled = [...parent.querySelectorAll<HTMLElement>("[data-scroll]")].map((place) => [
    place.dataset["scroll"],
    place.scrollTop,
  ]);
  const notes = answer.notes.map((note) => element("p", { className: "note" }, ...references(note, actions)));
  const only = answer.objects.length === 1;
  const objects = answer.objects.map((object, index) => section(object, index, index === 0 || only, actions));
  parent.replaceChildren(...notes, ...objects, ...(answer.policy === null ? [] : [policy(answer.policy)]));
  scrolled.forEach(([key, top]) => {
    const place = parent.querySelector(`[data-scroll="${CSS.escape(String(key))}"]`);
    place?.scrollTo({ top: Number(top) });
  });
  if (focused !== undefined) {
    parent.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }
}

/** A part that opens and closes, filled when it is first open. */
function foldable(key: string, open: boolean, summaryOf: (Node | string)[], fill: () => Node[]): HTMLDetailsElement {
  const head = element("summary", {}, ...summaryOf);
  head.dataset["key"] = key;
  const details = element("details", { open: opened.get(key) ?? open }, head);
  const filled = () => {
    if (details.open && details.childElementCount === 1) {
      details.append(...fill());
    }
  };
  details.ontoggle = () => {
    if (details.open !== (opened.get(key) ?? open)) {
      opened.set(key, details.open);
    }
    filled();
  };
  filled();
  return details;
}

function section(object: Explained, index: number, open: boolean, actions: Actions): HTMLElement {
  const sign = element("span", { className: "sign", ariaHidden: "true" }, SIGNS[object.verdict]);
  const head = element("h3", {}, object.title, ": ", element("span", { className: "verdict" }, WORDS[object.verdict]));
  const details = foldable(`${index}`, open, [sign, " ", head], () => explanation(object, index, actions));
  details.className = `outcome ${object.verdict}`;
  return details;
}

function explanation(object: Explained, index: number, actions: Actions): Node[] {
  const nodes: Node[] = [];
  if (object.disagreement !== null) {
    const text = `The module and this explanation disagree about ${object.disagreement}: please report it. The module counts.`;
    nodes.push(element("p", { className: "bad" }, text));
  }
  nodes.push(...reasons(object, actions));
  if (object.profile !== null) {
    nodes.push(element("p", {}, "Profile ", element("strong", {}, object.profile.name), `: ${object.profile.because}`));
  }
  if (object.rows.length > 0) {
    nodes.push(whyTable(object, actions));
  }
  if (object.warnings.length > 0) {
    const items = object.warnings.map((warning) => element("li", {}, warning));
    nodes.push(
      element("p", { className: "warning" }, "Warnings of the policy"),
      element("ul", { className: "warning" }, ...items),
    );
  }
  if (object.changes !== null) {
    nodes.push(changes(object.title, index, object.changes));
  }
  return nodes;
}

/** Why nothing changes, whether it is sent, and what was assumed. */
function reasons({ sent, verdict, reason, detail, unless, assumed, wantedLabels }: Explained, actions: Actions): Node[] {
  const nodes: Node[] = [];
  if (!sent) {
    nodes.push(element("p", {}, element("strong", {}, "Not sent to the policy."), " The object stays as it is."));
  }
  if (reason !== null) {
    nodes.push(element("p", { className: verdict === "rejected" ? "bad" : "reason" }, ...references(reason, actions)));
  }
  if (detail !== null) {
    nodes.push(element("p", {}, ...references(detail, actions)));
  }
  if (unless.length > 0) {
    nodes.push(element("p", { className: "note" }, `${sent ? "Sent" : "Not sent"}, unless ${unless.join(", or ")}.`));
  }
  nodes.push(...assumed.map((text) => element("p", { className: "note" }, "Assumed: ", ...references(text, actions))));
  if (wantedLabels !== null) {
    const button = element("button", { type: "button" }, "Try with ", element("code", {}, wantedLabels));
    button.onclick = () => actions.setLabels(wantedLabels);
    nodes.push(button);
  }
  return nodes;
}

/** How many parts of a diff are open at first. */
const OPEN = 6;

/** The open tab of each object, by its place in the list. */
const tab = new Map<number, number>();

function changes(
  title: string,
  index: number,
  { parts, moreParts, object, patch }: NonNullable<Explained["changes"]>,
): HTMLElement {
  const all = [
    {
      name: "Diff",
      fill: (panel: HTMLElement) => {
        panel.append(
          ...parts.map((part, place) => {
            const count = element("span", { className: "count" }, `+${part.added} −${part.removed}`);
            const isOpen = part.title !== "record" && place < OPEN;
            const name = part.title === "record" ? "record: what the policy needs for later updates" : part.title;
            return foldable(`${index} ${part.title}`, isOpen, [name, " ", count], () => [diff(`${title}, ${part.title}`, part)]);
          }),
          moreParts > 0 ? element("p", { className: "muted" }, `${moreParts} more parts change. Object has all of them.`) : "",
        );
      },
    },
    { name: "Object", fill: (panel: HTMLElement) => fillText(panel, `${title}: Object`, object) },
    { name: "JSON patch", fill: (panel: HTMLElement) => fillText(panel, `${title}: JSON patch`, patch) },
  ];
  return tabs(title, all, tab.get(index) ?? 0, (chosen) => tab.set(index, chosen));
}

function policy(text: string): HTMLElement {
  return foldable("policy", false, ["ClusterAdmissionPolicy to copy"], () => {
    const panel = element("div");
    fillText(panel, "ClusterAdmissionPolicy", text);
    return [panel];
  });
}

function fillText(panel: HTMLElement, label: string, content: string): void {
  const text = element("pre", { className: "code", tabIndex: 0, role: "region", ariaLabel: label }, content);
  text.dataset["scroll"] = label;
  text.dataset["key"] = label;
  panel.append(copyButton(label, content), text);
}
