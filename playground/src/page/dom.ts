/** Makes elements. */

type Child = Node | string;

export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/**
 * The page's element with this id.
 *
 * @throws {Error} The page has none.
 */
export function byId<E extends HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (found === null) {
    throw new Error(`#${id} is missing`);
  }
  return found as E;
}

/** A button that copies a text and says so, to screen readers as well. */
export function copyButton(what: string, text: string): HTMLElement {
  const button = element("button", { type: "button", className: "copy", ariaLabel: `Copy: ${what}` }, "Copy");
  const said = element("span", { role: "status", className: "muted" });
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = "Copied";
    } catch {
      said.textContent = "The browser does not allow it";
    }
    setTimeout(() => (said.textContent = ""), 2000);
  };
  return element("div", { className: "copying" }, said, button);
}
