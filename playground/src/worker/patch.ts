/**
 * The JSON patch that a policy server makes of a mutated object: `json_patch::diff` of the Rust crate json-patch, which compares
 * lists index by index.
 */

import { equal, isObject, stringify, type Json, type JsonObject } from "./json";

export type Operation = { op: "add" | "replace"; path: string; value: Json } | { op: "remove"; path: string };

export function diff(left: Json, right: Json, path = ""): Operation[] {
  if (Array.isArray(left) && Array.isArray(right)) {
    return diffLists(left, right, path);
  }
  if (isObject(left) && isObject(right)) {
    return diffObjects(left, right, path);
  }
  return equal(left, right) ? [] : [{ op: "replace", path, value: right }];
}

function diffLists(left: Json[], right: Json[], path: string): Operation[] {
  const common = Math.min(left.length, right.length);
  const operations = left.slice(0, common).flatMap((item, index) => diff(item, right[index] as Json, `${path}/${index}`));
  // Each removal makes the next one's index that of the one before.
  left.slice(common).forEach(() => operations.push({ op: "remove", path: `${path}/${common}` }));
  right.slice(common).forEach((value, index) => operations.push({ op: "add", path: `${path}/${common + index}`, value }));
  return operations;
}

function diffObjects(left: JsonObject, right: JsonObject, path: string): Operation[] {
  const operations: Operation[] = [];
  const pointer = (key: string) => `${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  for (const key of Object.keys(right).sort()) {
    const value = right[key] as Json;
    if (Object.hasOwn(left, key)) {
      operations.push(...diff(left[key] as Json, value, pointer(key)));
    } else {
      operations.push({ op: "add", path: pointer(key), value });
    }
  }
  for (const key of Object.keys(left).sort()) {
    if (!Object.hasOwn(right, key)) {
      operations.push({ op: "remove", path: pointer(key) });
    }
  }
  return operations;
}

/** As JSON, an operation per line. */
export function show(operations: Operation[]): string {
  const lines = operations.map(({ op, path, ...rest }) => {
    const members = [`"op":"${op}"`, `"path":${JSON.stringify(path)}`];
    if ("value" in rest) {
      members.push(`"value":${stringify(rest.value)}`);
    }
    return `  {${members.join(",")}}`;
  });
  return lines.length > 0 ? `[\n${lines.join(",\n")}\n]\n` : "[]\n";
}
