/** CodeMirror in a shadow root: there, its styles are constructed style sheets, which the content security policy allows. */

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { unifiedMergeView } from "@codemirror/merge";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, lineNumbers, ViewPlugin } from "@codemirror/view";
import { tags } from "@lezer/highlight";

import type { Problem } from "../types";

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--key)" },
  { tag: tags.string, color: "var(--string)" },
  { tag: tags.comment, color: "var(--muted)" },
  { tag: [tags.meta, tags.labelName, tags.typeName], color: "var(--accent)" },
]);

/** Without the images that the lint extension has in data URLs, which the content security policy forbids. */
const theme = EditorView.theme({
  "&": { fontSize: "0.8125rem", backgroundColor: "var(--surface)", color: "var(--text)", maxHeight: "inherit", height: "100%" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--muted)", border: "none" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad)" },
  "& .cm-lint-marker-error": { content: "normal", color: "var(--bad)" },
  ".cm-lint-marker-error:before": { content: "'●'" },
  ".cm-tooltip": { backgroundColor: "var(--page)", color: "var(--text)", border: "1px solid var(--line)" },
  ".cm-changedLine, &.cm-merge-b .cm-changedLine": { backgroundColor: "var(--added) !important" },
  ".cm-changedText, &.cm-merge-b .cm-changedText": { background: "var(--added-text) !important" },
  ".cm-deletedChunk": { backgroundColor: "var(--removed) !important" },
  ".cm-deletedText, .cm-deletedChunk .cm-deletedText": { background: "var(--removed-text) !important" },
  "& .cm-collapsedLines": { background: "var(--page)", color: "var(--muted)", padding: "0.25rem 0.5rem" },
  "& .cm-collapsedLines:before, & .cm-collapsedLines:after": { content: "'…'" },
});

const dark = matchMedia("(prefers-color-scheme: dark)");
const scheme = new Compartment();

const followScheme = ViewPlugin.define((view) => {
  const follow = () => view.dispatch({ effects: scheme.reconfigure(EditorView.darkTheme.of(dark.matches)) });
  dark.addEventListener("change", follow);
  return { destroy: () => dark.removeEventListener("change", follow) };
});

function create(parent: HTMLElement, label: string, text: string, extensions: Extension): EditorView {
  const root = parent.attachShadow({ mode: "open" });
  const shared = [
    lineNumbers(),
    yaml(),
    syntaxHighlighting(colours),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label }),
    scheme.of(EditorView.darkTheme.of(dark.matches)),
    followScheme,
    theme,
  ];
  return new EditorView({ doc: text, extensions: [shared, extensions], parent: root, root });
}

export class Editor {
  private readonly view: EditorView;

  constructor(parent: HTMLElement, label: string, changed: () => void) {
    this.view = create(parent, label, "", [
      history(),
      keymap.of([...defaultKeymap, ...historyKeymap]),
      lintGutter(),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) {
          changed();
        }
      }),
    ]);
  }

  get text(): string {
    return this.view.state.doc.toString();
  }

  set text(text: string) {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
  }

  mark(problems: Problem[]): void {
    const { length } = this.view.state.doc;
    const marks = problems.map(({ from, to, message }) => ({
      from: Math.min(from, length),
      to: Math.min(to, length),
      severity: "error" as const,
      message,
    }));
    this.view.dispatch(setDiagnostics(this.view.state, marks));
  }

  lineAt(offset: number): number {
    const { doc } = this.view.state;
    return doc.lineAt(Math.min(offset, doc.length)).number;
  }

  goTo({ from }: Problem): void {
    this.view.dispatch({ selection: { anchor: Math.min(from, this.view.state.doc.length) }, scrollIntoView: true });
    this.view.focus();
  }
}

const readOnly = [
  EditorState.readOnly.of(true),
  EditorView.editable.of(false),
  EditorView.contentAttributes.of({ tabindex: "0" }),
];

export function showText(parent: HTMLElement, label: string, text: string): void {
  create(parent, label, text, readOnly);
}

export function showDiff(parent: HTMLElement, label: string, before: string, after: string): void {
  const diff = unifiedMergeView({ original: before, mergeControls: false, collapseUnchanged: { margin: 3, minSize: 6 } });
  create(parent, label, after, [readOnly, diff]);
}
