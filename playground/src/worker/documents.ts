/** YAML and JSON as kubectl reads them, with the position of each value. */

import { type Document as YamlDocument, parseAllDocuments, type ParsedNode, type Tags } from "yaml";

import type { Problem } from "../types";
import { at, type Json } from "./json";

export interface Document {
  /** Has the positions. */
  parsed: YamlDocument.Parsed<ParsedNode>;
  /** Nothing if the document has a problem. */
  value: Json;
}

export interface Documents {
  documents: Document[];
  problems: Problem[];
}

/** YAML 1.1, in which `yes` is true and `0644` octal, without its dates and base 60: kubectl reads neither of them. */
export const SCHEMA = {
  schema: "yaml-1.1",
  customTags: (tags: Tags) => tags.filter((tag) => typeof tag !== "object" || !(LEFT_OUT.test(tag.tag) || tag.format === "TIME")),
} as const;
const LEFT_OUT = /:(omap|pairs|set|timestamp)$/;

/** Characters of a message, which may quote a text of any length. */
const MESSAGE = 300;

/** All documents that are not empty. */
export function parseDocuments(text: string): Documents {
  const documents: Document[] = [];
  const problems: Problem[] = [];
  for (const parsed of parseAllDocuments(text, { ...SCHEMA, intAsBigInt: true, prettyErrors: false })) {
    problems.push(...parsed.errors.map(({ message, pos: [from, to] }) => ({ from, to, message: shortened(message) })));
    const value = parsed.errors.length > 0 ? null : toJson(parsed, problems);
    if (value !== null || problems.length > 0) {
      documents.push({ parsed, value });
    }
  }
  return { documents, problems };
}

function shortened(message: string): string {
  return message.length > MESSAGE ? `${message.slice(0, MESSAGE)}…` : message;
}

function toJson(document: YamlDocument.Parsed<ParsedNode>, problems: Problem[]): Json {
  try {
    return document.toJS({
      reviver: (_key: unknown, value: unknown) =>
        typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value,
    }) as Json;
  } catch (error) {
    // An alias without an anchor, or aliases that would fill the memory.
    const [from, to] = document.range;
    problems.push({ from, to, message: shortened((error as Error).message) });
    return null;
  }
}

/** The objects in documents; a `List` counts as its items. */
export function objects(documents: Document[]): Json[] {
  return documents.flatMap(({ value }) => {
    const items = at(value, "items");
    return at(value, "kind") === "List" && Array.isArray(items) ? items : [value];
  });
}
