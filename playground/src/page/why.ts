/** The table of an object's containers: what each variable gets, and why. */

import type { Explained, Row } from "../types";
import { element } from "./dom";
import { references } from "./references";
import type { Actions } from "./results";

/** A sign for each outcome, beside its word. */
const SIGNS: Record<string, string> = {
  set: "+",
  extended: "~",
  replaced: "~",
  kept: "=",
  unchanged: "=",
  changed: "+",
  "not set": "–",
  removed: "−",
};

export function whyTable({ title, rows, moreRows, rowsNote }: Explained, actions: Actions): HTMLElement {
  const heading = (text: string) => element("th", { scope: "col", role: "columnheader" }, text);
  const head = element(
    "thead",
    { role: "rowgroup" },
    element("tr", { role: "row" }, ...["Variable", "Outcome", "Why"].map(heading)),
  );
  const table = element(
    "table",
    { className: "why", role: "table" },
    element("caption", {}, `What each container of ${title} gets, and why`),
    head,
  );
  let group: HTMLElement = head;
  for (const row of rows) {
    const [container] = row;
    if (container !== "") {
      const name = element("th", { scope: "rowgroup", role: "rowheader", colSpan: 3 }, element("code", {}, container));
      group = element("tbody", { role: "rowgroup" }, element("tr", { role: "row" }, name));
      table.append(group);
    }
    group.append(tableRow(row, actions));
  }
  const notes = [rowsNote, moreRows > 0 ? `${moreRows} more rows are not shown.` : null].filter((note) => note !== null);
  return element("div", {}, table, ...notes.map((note) => element("p", { className: "muted" }, note)));
}

function tableRow([, variables, outcome, why]: Row, actions: Actions): HTMLElement {
  const names = variables === "" ? ["all"] : variables.split(", ").map((name) => element("code", {}, name));
  const spaced = names.flatMap((name) => [name, " "]);
  const word = element(
    "span",
    { className: `word ${outcome.replace(" ", "-")}` },
    element("i", { ariaHidden: "true" }, SIGNS[outcome] ?? ""),
    ` ${outcome}`,
  );
  return element(
    "tr",
    { role: "row" },
    element("th", { scope: "row", role: "rowheader" }, ...spaced),
    element("td", { role: "cell" }, word),
    element("td", { role: "cell" }, ...references(why, actions)),
  );
}
