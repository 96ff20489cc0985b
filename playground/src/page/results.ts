/** The right side: what the policy answers about each object. */

import type { Outcome, Result } from "../types";
import { copyButton, element } from "./dom";
import { showDiff, showText } from "./editor";
import { tabs } from "./tabs";

const WORDS: Record<Outcome["verdict"], string> = {
  changed: "changed",
  unchanged: "left as it is",
  rejected: "rejected",
  failed: "no answer",
};

/** The open tab of each object, by its place in the list: it stays open as the user types. */
const opened = new Map<number, number>();

/** One sentence, which screen readers are told. */
export function summary(result: Result): string {
  if (result.failure !== undefined) {
    return result.failure;
  }
  const problems = result.settingsProblems.length + result.manifestProblems.length;
  if (problems > 0) {
    return `${problems === 1 ? "One problem" : `${problems} problems`} to fix first.`;
  }
  const counts = Object.entries(WORDS).map(([verdict, word]) => {
    const count = result.outcomes.filter((outcome) => outcome.verdict === verdict).length;
    return count > 0 ? `${count} ${word}` : "";
  });
  const objects = result.outcomes.length;
  const left = result.left > 0 ? ` ${result.left} more are not shown.` : "";
  return objects === 0
    ? "No manifests yet. Choose an example or paste one."
    : `${objects} object${objects === 1 ? "" : "s"}: ${counts.filter(Boolean).join(", ")}.${left}`;
}

/** Whether the manifest is shown instead of the answers: it stays so as the user types. */
let openedMain = 0;

export function showResult(parent: HTMLElement, { outcomes, policy }: Result): void {
  const answers = {
    name: "Answers",
    fill: (panel: HTMLElement) => panel.append(...outcomes.map((outcome, index) => section(outcome, index, index === 0))),
  };
  const manifest = {
    name: "ClusterAdmissionPolicy",
    fill: (panel: HTMLElement) => fillText(panel, "ClusterAdmissionPolicy", policy ?? "# The settings have problems.\n"),
  };
  parent.replaceChildren(tabs("Result", [answers, manifest], openedMain, (tab) => (openedMain = tab)));
}

function section(outcome: Outcome, index: number, open: boolean): HTMLElement {
  const verdict = element("span", { className: `verdict ${outcome.verdict}` }, WORDS[outcome.verdict]);
  const details = element(
    "details",
    { className: "outcome" },
    element("summary", {}, element("strong", {}, outcome.title), " ", verdict),
    element("p", { className: "summary" }, outcome.summary),
  );
  if (outcome.profile !== undefined) {
    details.append(element("p", {}, "Profile: ", element("strong", {}, outcome.profile)));
  }
  if (outcome.warnings.length > 0) {
    const items = outcome.warnings.map((warning) => element("li", {}, warning));
    details.append(element("p", { className: "warning" }, "Warnings"), element("ul", { className: "warning" }, ...items));
  }
  details.ontoggle = () => {
    if (details.open && details.querySelector("[role=tablist]") === null && outcome.before !== "") {
      details.append(answerTabs(outcome, index));
    }
  };
  details.open = open;
  return details;
}

function answerTabs({ title, verdict, before, after, patch }: Outcome, index: number): HTMLElement {
  const text = (name: string, content: string) => ({
    name,
    fill: (panel: HTMLElement) => fillText(panel, `${title}: ${name}`, content),
  });
  const all = [text("Object", after), text("JSON patch", patch)];
  if (verdict === "changed") {
    all.unshift({
      name: "Diff",
      fill: (panel) => {
        const place = element("div", { className: "code" });
        panel.append(place);
        showDiff(place, `${title}: changes`, before, after);
      },
    });
  }
  const selected = Math.min(opened.get(index) ?? 0, all.length - 1);
  return tabs(title, all, selected, (tab) => opened.set(index, tab));
}

function fillText(panel: HTMLElement, label: string, content: string): void {
  const place = element("div", { className: "code" });
  panel.append(copyButton(content), place);
  showText(place, label, content);
}
