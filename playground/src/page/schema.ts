/** What the settings' JSON Schema says of the place at a cursor. Nesting is told by columns, as in YAML and in JSON with line breaks. */

import type { Text } from "@codemirror/state";

import schema from "../../../settings.schema.json";

/** The parts of the schema that are used here. */
export interface Node {
  $ref?: string;
  description?: string;
  type?: string | string[];
  enum?: unknown[];
  examples?: unknown[];
  default?: unknown;
  properties?: Record<string, Node>;
  items?: Node;
}

const ROOT = schema as unknown as Node & { definitions: Record<string, Node> };
/** A line's indent with the marks of list items, its key, and where the value begins. */
export const KEY = /^((?:\s|- )*)("?)([\w.-]+)\2\s*:\s*/;
/** Fields whose value is settings. */
const HOLDERS = ["settings", "httpProxyConfig"];
/** How many lines are looked at, upwards: more than any settings have. */
const MOST_LINES = 2000;

/** The node of the mapping that a column of a line is in; nothing where no settings are. */
export function mappingAt(text: Text, line: number, column: number): Node | undefined {
  const keys: string[] = [];
  let limit = column;
  for (let number = line - 1; number > Math.max(0, line - MOST_LINES) && limit > 0; number--) {
    const [, indent, , key] = KEY.exec(text.line(number).text) ?? [];
    if (indent !== undefined && key !== undefined && indent.length < limit) {
      keys.unshift(key);
      limit = indent.length;
    }
  }
  const holder = keys.findLastIndex((key) => HOLDERS.includes(key));
  if (holder < 0 && isManifest(text)) {
    return undefined;
  }
  return keys.slice(holder + 1).reduce<Node | undefined>(child, ROOT);
}

/** The node of a field. */
export function child(mapping: Node | undefined, key: string): Node | undefined {
  const fields = mapping?.properties ?? {};
  return Object.hasOwn(fields, key) ? resolved(fields[key]) : undefined;
}

function resolved(node: Node | undefined): Node | undefined {
  if (node?.$ref !== undefined) {
    return resolved(ROOT.definitions[node.$ref.replace("#/definitions/", "")]);
  }
  return node?.items === undefined || isText(node.items) ? node : resolved(node.items);
}

function isText(node: Node): boolean {
  return [node.type].flat().includes("string");
}

/** Values that the schema names: words, and examples where there are none. */
export function values(node: Node | undefined): string[] {
  const words = node?.enum?.filter((value) => value !== null && !(typeof value === "string" && /^(true|false)$/.test(value)));
  const booleans = [node?.type].flat().includes("boolean") ? [true, false] : [];
  const examples = node?.examples?.flat().filter((value) => typeof value === "string");
  return [...new Set([...(words ?? []), ...booleans, ...(words === undefined ? (examples ?? []) : [])].map(String))];
}

/** Settings are below a field of a manifest then, and not at the top. */
function isManifest(text: Text): boolean {
  for (let number = 1; number <= Math.min(text.lines, 50); number++) {
    if (/^\s*"?(apiVersion|httpProxyConfig)"?\s*:/.test(text.line(number).text)) {
      return true;
    }
  }
  return false;
}
