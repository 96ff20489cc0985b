/** The NO_PROXY tester: which clients go to a destination through the proxy, and which entry decides. */

import type { Routes, State, Way } from "../types";
import { byId, element } from "./dom";
import type { Engine } from "./engine";

const GROUPS: Record<Way, { title: string; some: string; column: string }> = {
  proxy: { title: "⇢ Through the proxy", some: "through the proxy", column: "Why" },
  direct: { title: "→ Directly", some: "directly", column: "Entry that decides" },
  fails: { title: "✕ Fails", some: "not at all", column: "Entry at which it fails, or why" },
  noProxy: { title: "– No proxy, whatever the list says", some: "without a proxy", column: "Why" },
};

export class Tester {
  private readonly form = byId<HTMLFormElement>("tester");
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `state` gives what the page holds. */
  constructor(
    private readonly engine: Engine,
    private readonly state: () => State,
    delay: number,
  ) {
    this.form.oninput = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.update(), delay);
    };
    this.form.onsubmit = (event) => {
      event.preventDefault();
      void this.update();
    };
  }

  /** Asks for what the form and the page hold now. */
  async update(): Promise<void> {
    clearTimeout(this.timer);
    const { value: destination } = this.control<HTMLInputElement>("destination");
    const { value: container } = this.control<HTMLSelectElement>("container");
    try {
      const routes = await this.engine.routes({ state: this.state(), destination, container });
      if (routes !== undefined) {
        this.show(routes);
      }
    } catch (error) {
      this.say((error as Error).message);
    }
  }

  private show(routes: Routes): void {
    const select = this.control<HTMLSelectElement>("container");
    const names = routes.containers;
    if (names.join("\n") !== [...select.options].map(({ value }) => value).join("\n")) {
      const { value } = select;
      select.replaceChildren(...names.map((name) => element("option", {}, name)));
      select.value = names.includes(value) ? value : (names[0] ?? "");
    }
    if (routes.problem !== null) {
      this.say(routes.problem);
      return;
    }
    const groups = Object.keys(GROUPS).map((way) => ({ way: way as Way, all: routes.clients.filter((one) => one.way === way) }));
    const filled = groups.filter(({ all }) => all.length > 0);
    const counts = filled.map(({ way, all }) => `${all.length} ${GROUPS[way].some}`).join(", ");
    const both = ["proxy", "direct"].every((way) => filled.some((group) => group.way === way));
    this.say(`${both ? "Clients disagree. " : ""}To ${routes.destination}: ${counts}.`);
    const notes = routes.notes.map((note) => element("p", { className: "note" }, note));
    byId("routes").replaceChildren(...notes, ...filled.map(({ way, all }) => table(way, all)));
  }

  private say(text: string): void {
    byId("routes-status").textContent = text;
    byId("routes").replaceChildren();
  }

  private control<E extends Element>(name: string): E {
    return this.form.elements.namedItem(name) as unknown as E;
  }
}

function table(way: Way, clients: Routes["clients"]): HTMLElement {
  const { title, column } = GROUPS[way];
  const rows = clients.map(({ version, why }) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, version),
      element("td", {}, way === "direct" || way === "fails" ? element("code", {}, why) : why),
    ),
  );
  const head = element("tr", {}, ...["Client", column].map((text) => element("th", { scope: "col" }, text)));
  return element(
    "table",
    { className: `routes ${way}` },
    element("caption", {}, `${title} (${clients.length})`),
    element("thead", {}, head),
    element("tbody", {}, ...rows),
  );
}
