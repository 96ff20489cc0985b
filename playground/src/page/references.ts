/** Links to the lines that reasons name: `settings:24`. */

import type { Field } from "../types";
import { element } from "./dom";
import type { Actions } from "./results";

const PLACE = /\b(settings|objects):(\d+)(?::\s*)?/g;
const NAMES: Partial<Record<Field, string>> = { settings: "settings", objects: "manifest" };

/** A text in which each place is a button that goes there. */
export function references(text: string, actions: Actions): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let end = 0;
  for (const match of text.matchAll(PLACE)) {
    const [whole, field, line] = match as unknown as [string, Field, string];
    const button = element("button", { type: "button", className: "ref" }, `${NAMES[field]}, line ${line}`);
    button.onclick = () => actions.goTo(field, Number(line));
    parts.push(text.slice(end, match.index), button, " ");
    end = match.index + whole.length;
  }
  return [...parts, text.slice(end)];
}
