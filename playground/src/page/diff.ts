/** Lines that change, with their signs as text. */

import type { Part } from "../types";
import { element } from "./dom";

const SIGNS: Record<string, ["ins" | "del" | "span", string]> = { "+": ["ins", "+"], "-": ["del", "−"], " ": ["span", " "] };

export function diff(label: string, { groups }: Part): HTMLElement {
  const place = element("div", { className: "code diff", tabIndex: 0, role: "region", ariaLabel: `${label}: changes` });
  place.dataset["scroll"] = label;
  place.dataset["key"] = label;
  groups.forEach((group, index) => {
    if (index > 0) {
      place.append(element("span", { className: "gap" }, "⋯ lines that do not change"));
    }
    place.append(...group.map(line));
  });
  return place;
}

function line(text: string): HTMLElement {
  const [name, sign] = SIGNS[text.charAt(0)] ?? ["span", " "];
  return element(name, { className: "line" }, element("i", {}, sign), element("code", {}, text.slice(1)));
}
