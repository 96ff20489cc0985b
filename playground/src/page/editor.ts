/** CodeMirror in a shadow root: there, its styles are constructed style sheets, which the content security policy allows. */

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { type Action, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { search, searchKeymap } from "@codemirror/search";
import { Compartment, type Extension, type Line } from "@codemirror/state";
import { Decoration, EditorView, keymap, lineNumbers, MatchDecorator, ViewPlugin, type ViewUpdate } from "@codemirror/view";

import type { Problem } from "../types";
import { fix } from "./fixes";

/** Colours what YAML and JSON have in common, on the lines that are seen alone: a parser of the whole text would make typing slow. */
const PARTS =
  /(?<comment>(?<=^|\s)#.*)|(?<key>(?<![\w./$-])"?[\w./$-]{1,100}"?(?=\s*:(?:\s|$)))|(?<string>"(?:[^"\\]|\\.)*"|'[^']*')|(?<meta>^---|(?<=\s)[&*!][\w!-]+)/gu;
const matches = new MatchDecorator({
  regexp: PARTS,
  decoration: ({ groups = {} }) => MARKS[Object.keys(groups).find((part) => groups[part] !== undefined) ?? ""] ?? null,
});
const MARKS = Object.fromEntries(
  ["comment", "key", "string", "meta"].map((part) => [part, Decoration.mark({ class: `of-${part}` })]),
);
const colours = ViewPlugin.fromClass(
  class {
    decorations;

    constructor(view: EditorView) {
      this.decorations = matches.createDeco(view);
    }

    update(update: ViewUpdate) {
      this.decorations = matches.updateDeco(update, this.decorations);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

/** Without the images that the lint extension has in data URLs, which the content security policy forbids. */
const theme = EditorView.theme({
  "&": { fontSize: "0.8125rem", backgroundColor: "var(--surface)", color: "var(--text)", maxHeight: "inherit", height: "100%" },
  "&.cm-focused": { outline: "none" },
  // A key changes nothing outside of it, so the browser need not lay out the page.
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5", contain: "strict" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--muted)", border: "none" },
  ".of-key": { color: "var(--key)" },
  ".of-string": { color: "var(--string)" },
  ".of-comment": { color: "var(--muted)" },
  ".of-meta": { color: "var(--accent)" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad)" },
  "& .cm-lint-marker-error": { content: "normal", color: "var(--bad)" },
  ".cm-lint-marker-error:before": { content: "'●'" },
  ".cm-tooltip": { backgroundColor: "var(--page)", color: "var(--text)", border: "1px solid var(--line)" },
  ".help": { maxWidth: "24rem", padding: "0.25rem 0.5rem", fontFamily: "system-ui, sans-serif" },
  "& .cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  "& .cm-diagnostic": { borderLeft: "5px solid var(--bad)" },
  "& .cm-diagnosticAction": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  "& .cm-panels": { backgroundColor: "var(--page)", color: "var(--text)" },
  "& .cm-button, & .cm-textfield": { backgroundImage: "none", backgroundColor: "var(--surface)", color: "var(--text)" },
});

const dark = matchMedia("(prefers-color-scheme: dark)");
const scheme = new Compartment();

const followScheme = ViewPlugin.define((view) => {
  const follow = () => view.dispatch({ effects: scheme.reconfigure(EditorView.darkTheme.of(dark.matches)) });
  dark.addEventListener("change", follow);
  return { destroy: () => dark.removeEventListener("change", follow) };
});

export class Editor {
  private readonly view: EditorView;

  constructor(parent: HTMLElement, label: string, text: string, changed: () => void, help: Extension = []) {
    const root = parent.attachShadow({ mode: "open" });
    const extensions = [
      lineNumbers(),
      colours,
      help,
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
      scheme.of(EditorView.darkTheme.of(dark.matches)),
      followScheme,
      theme,
      history(),
      search({ top: true }),
      keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...lintKeymap]),
      lintGutter(),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) {
          changed();
        }
      }),
    ];
    this.view = new EditorView({ doc: text, extensions, parent: root, root });
  }

  get text(): string {
    return this.view.state.doc.toString();
  }

  set text(text: string) {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
  }

  /** Marks the lines with problems, and offers there what the messages say to write. */
  mark(problems: Problem[]): void {
    const marks = problems.map((problem) => {
      const { from, to, text } = this.line(problem.line);
      const action = this.fix(problem);
      const actions: Action[] = action === undefined ? [] : [{ name: action.name, apply: action.apply }];
      return { from: from + text.search(/\S|$/), to, severity: "error" as const, message: problem.message, actions };
    });
    this.view.dispatch(setDiagnostics(this.view.state, marks));
  }

  /** What a problem's message says to write. */
  fix(problem: Problem): { name: string; apply: () => void } | undefined {
    const found = fix(problem, this.line(problem.line).text);
    if (found === undefined) {
      return undefined;
    }
    const apply = () => {
      // The text may have changed since.
      const { from, text } = this.line(problem.line);
      const now = fix(problem, text);
      if (now !== undefined) {
        this.view.dispatch({ changes: { from: from + now.from, to: from + now.to, insert: now.by } });
        this.view.focus();
      }
    };
    return { name: `Write ${found.by}`, apply };
  }

  /** Selects a line and shows it, without scrolling the page. */
  goTo(number: number): void {
    const { from, to } = this.line(number);
    this.view.dispatch({ selection: { anchor: from, head: to }, scrollIntoView: true });
    this.view.focus();
  }

  private line(number: number): Line {
    const { doc } = this.view.state;
    return doc.line(Math.max(1, Math.min(number, doc.lines)));
  }
}
