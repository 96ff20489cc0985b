/** The left side: two editors and the request's form. It is loaded while the first answer is on its way. */

import type { Field, Problem, State } from "../types";
import { byId, element } from "./dom";
import { Editor } from "./editor";
import { help } from "./help";

/** Problems of a text that are shown. */
const SHOWN = 100;
/** What an editor takes of a file, in bytes. A larger one is a dump. */
const MOST_BYTES = 4 << 20;

const FIELDS = ["operation", "namespace", "namespaceLabels"] as const;

export class Inputs {
  private readonly form = byId<HTMLFormElement>("request");
  private readonly editors: { settings: Editor; objects: Editor };

  /** `changed` is told each change. */
  constructor(state: State, changed: () => void) {
    this.editors = {
      settings: new Editor(byId("settings"), "Settings, YAML or JSON", state.settings, changed, help),
      objects: new Editor(byId("objects"), "Manifest, YAML or JSON", state.objects, changed),
    };
    this.fill(state);
    this.form.oninput = changed;
    this.form.onsubmit = (event) => event.preventDefault();
  }

  get state(): State {
    const text = (name: string) => this.control(name).value.trim();
    return {
      settings: this.editors.settings.text,
      objects: this.editors.objects.text,
      operation: text("operation"),
      namespace: text("namespace"),
      namespaceLabels: text("namespaceLabels"),
      report: this.control("report").checked,
    };
  }

  set state(state: State) {
    this.editors.settings.text = state.settings;
    this.editors.objects.text = state.objects;
    this.fill(state);
  }

  set labels(labels: string) {
    this.control("namespaceLabels").value = labels;
  }

  private fill(state: State): void {
    FIELDS.forEach((name) => (this.control(name).value = state[name]));
    this.control("report").checked = state.report;
  }

  private control(name: string): HTMLInputElement {
    return this.form.elements.namedItem(name) as HTMLInputElement;
  }

  /** Shows a place: a line of an editor, or a control of the form. */
  goTo(field: Field, line: number): void {
    if (field === "settings" || field === "objects") {
      this.editors[field].goTo(line);
    } else {
      this.control(field).focus();
    }
  }

  /** Marks problems at their lines, and lists them below their fields. */
  show(problems: Problem[]): void {
    for (const name of ["settings", "objects", "request"] as const) {
      const here = problems.filter(({ field }) => (name === "request" ? !(field in this.editors) : field === name));
      if (name !== "request") {
        this.editors[name].mark(here.slice(0, SHOWN));
      }
      const items = here.slice(0, SHOWN).map((problem) => this.item(problem));
      if (here.length > SHOWN) {
        items.push(element("li", {}, `${here.length - SHOWN} more are not shown.`));
      }
      byId(`${name}-problems`).replaceChildren(...items);
    }
  }

  /** A problem, with a button that goes to its line, and one that writes what the message says. */
  item(problem: Problem): HTMLElement {
    const { field, line, path, message } = problem;
    const editor = field === "settings" || field === "objects" ? this.editors[field] : undefined;
    const button = element("button", { type: "button" }, editor === undefined ? "Go to the field" : `Line ${line}`);
    button.onclick = () => this.goTo(field, line);
    const at = path ? [element("code", {}, path), ": "] : [];
    const item = element("li", {}, button, " ", ...at, message);
    const fix = editor?.fix(problem);
    if (fix !== undefined) {
      const write = element("button", { type: "button" }, fix.name);
      write.onclick = fix.apply;
      item.append(" ", write);
    }
    return item;
  }

  /** Puts the text of a file that is dropped on an editor in place of the editor's; what is dropped elsewhere is the caller's. */
  takeDrops(others: (files: File[]) => void): void {
    const drop = async (event: DragEvent) => {
      const files = [...(event.dataTransfer?.files ?? [])];
      const [first] = files;
      if (first === undefined) {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      const on = (["settings", "objects"] as const).find((id) => event.composedPath().includes(byId(id)));
      if (on === undefined || first.size > MOST_BYTES) {
        others(files);
      } else {
        this.editors[on].text = await first.text();
      }
    };
    window.addEventListener("drop", drop, { capture: true });
  }
}
