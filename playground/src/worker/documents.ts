/** YAML and JSON as kubectl reads them, with the position of each value. */

import { type Document, parseAllDocuments, type ParsedNode, type Tags } from "yaml";

import type { Problem } from "../types";
import { at, type Json } from "./json";

export type ParsedDocument = Document.Parsed<ParsedNode>;

export interface Documents {
  documents: ParsedDocument[];
  problems: Problem[];
}

/** YAML 1.1, in which `yes` is true and `0644` octal, without its dates and numbers to the base 60, which kubectl does not read either. */
export const SCHEMA = {
  schema: "yaml-1.1",
  customTags: (tags: Tags) =>
    tags.filter((tag) => typeof tag !== "object" || (!["omap", "pairs", "set", "timestamp"].some((name) => tag.tag.endsWith(`:${name}`)) && tag.format !== "TIME")),
} as const;

/** All documents that are not empty. */
export function parseDocuments(text: string): Documents {
  const documents = [...parseAllDocuments(text, { ...SCHEMA, intAsBigInt: true, prettyErrors: false })].filter(
    (document) => document.contents !== null && (document.errors.length > 0 || toJson(document) !== null),
  );
  const problems = documents.flatMap(({ errors }) =>
    errors.map(({ message, pos: [from, to] }) => ({ from, to, message })),
  );
  return { documents, problems };
}

export function toJson(document: ParsedDocument): Json {
  return document.toJS({
    reviver: (_key: unknown, value: unknown) =>
      typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value,
  }) as Json;
}

/** The objects in documents; a `List` counts as its items. */
export function objects(documents: ParsedDocument[]): Json[] {
  return documents.map(toJson).flatMap((document) => {
    const items = at(document, "items");
    return at(document, "kind") === "List" && Array.isArray(items) ? items : [document];
  });
}
