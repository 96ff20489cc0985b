/** Help with settings: completion of keys and values, and what a field means, where the mouse rests. */

import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
} from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";
import { type EditorView, hoverTooltip, keymap, type Tooltip } from "@codemirror/view";

import { element } from "./dom";
import { child, KEY, mappingAt, type Node, values } from "./schema";

/** An unfinished key, behind its indent and the marks of list items. */
const UNFINISHED = /^((?:\s|- )*)("?)([\w]*)$/;
/** An item of a list, up to the cursor. */
const ITEM = /^(\s*)- ["']?([^\s"']*)$/;

export const help: Extension = [
  autocompletion({ override: [complete], icons: false }),
  keymap.of(completionKeymap),
  hoverTooltip(explain),
];

function complete({ state, pos, explicit }: CompletionContext): CompletionResult | null {
  const { from, number, text } = state.doc.lineAt(pos);
  const before = text.slice(0, pos - from);
  const [head, indent = "", , key] = KEY.exec(before) ?? [];
  if (head !== undefined && key !== undefined) {
    const node = child(mappingAt(state.doc, number, indent.length), key);
    const quoted = /^["']?/.exec(before.slice(head.length))?.[0].length ?? 0;
    return result(values(node).map(option), from + head.length + quoted);
  }
  const item = ITEM.exec(before);
  const list = item === null ? undefined : mappingAt(state.doc, number, item[1]!.length + 1);
  if (item !== null && list?.items !== undefined) {
    return result(values(list).map(option), pos - item[2]!.length);
  }
  const [, spaces, quote = "", word] = UNFINISHED.exec(before) ?? [];
  if (spaces === undefined || word === undefined || (word === "" && quote === "" && !explicit)) {
    return null;
  }
  const fields = Object.entries(mappingAt(state.doc, number, spaces.length)?.properties ?? {});
  const rest = text.slice(pos - from);
  return result(
    fields.map(([name, node]) => field(name, node, quote, rest)),
    pos - word.length,
  );
}

function result(options: Completion[], from: number): CompletionResult | null {
  return options.length === 0 ? null : { from, options, validFor: /^[\w.:/-]*$/ };
}

function option(label: string): Completion {
  return { label };
}

/** A key with what belongs behind it, unless it is there. */
function field(name: string, node: Node, quote: string, rest: string): Completion {
  const end = /^\w*"?\s*:/.test(rest) ? "" : `${rest.startsWith(quote) && quote !== "" ? "" : quote}: `;
  return { label: name, apply: name + end, ...(node.description === undefined ? {} : { info: node.description }) };
}

function explain({ state }: EditorView, pos: number): Tooltip | null {
  const { from, number, text } = state.doc.lineAt(pos);
  const [, indent = "", quote = "", key = ""] = KEY.exec(text) ?? [];
  const start = from + indent.length + quote.length;
  if (pos < start || pos > start + key.length) {
    return null;
  }
  const description = child(mappingAt(state.doc, number, indent.length), key)?.description;
  if (description === undefined) {
    return null;
  }
  return { pos: start, end: start + key.length, create: () => ({ dom: element("div", { className: "help" }, description) }) };
}
