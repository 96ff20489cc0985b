/** Tabs as https://www.w3.org/WAI/ARIA/apg/patterns/tabs/ describes them; a panel is filled when it is first shown. */

import { element } from "./dom";

export interface Tab {
  name: string;
  fill(panel: HTMLElement): void;
}

let count = 0;

/**
 * @param selected The index of the tab that is open at first.
 * @param changed Is told which tab the user opens.
 */
export function tabs(label: string, all: Tab[], selected = 0, changed: (index: number) => void = () => {}): HTMLElement {
  const id = `tabs-${count++}`;
  const list = element("div", { role: "tablist", ariaLabel: label, className: "tabs" });
  const panels = all.map((_, index) => element("div", { role: "tabpanel", id: `${id}-panel-${index}`, className: "panel" }));
  const buttons = all.map(({ name }, index) => {
    const button = element("button", { type: "button", role: "tab", id: `${id}-tab-${index}` }, name);
    button.setAttribute("aria-controls", `${id}-panel-${index}`);
    panels[index]?.setAttribute("aria-labelledby", button.id);
    button.onclick = () => {
      open(index);
      changed(index);
    };
    return button;
  });
  const open = (chosen: number) => {
    buttons.forEach((button, index) => {
      button.ariaSelected = String(index === chosen);
      button.tabIndex = index === chosen ? 0 : -1;
    });
    panels.forEach((panel, index) => {
      panel.hidden = index !== chosen;
      if (index === chosen && panel.childElementCount === 0) {
        all[index]?.fill(panel);
      }
    });
  };
  list.onkeydown = ({ key }) => {
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: -1 }[key];
    if (to !== undefined) {
      const button = buttons.at(to % buttons.length);
      button?.focus();
      button?.click();
    }
  };
  list.append(...buttons);
  open(selected);
  return element("div", {}, list, ...panels);
}
