/** JSON as the API server and the policy server write it. */

export type Json = null | boolean | number | bigint | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at the end of a path of keys, if there is one. */
export function at(value: Json | undefined, ...path: string[]): Json | undefined {
  for (const key of path) {
    value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}

export function textAt(value: Json | undefined, ...path: string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** Compact, with sorted keys. Integers may be of any size. */
export function stringify(value: Json): string {
  if (Array.isArray(value)) {
    return `[${value.map(stringify).join(",")}]`;
  }
  if (isObject(value)) {
    const members = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${stringify(value[key] as Json)}`);
    return `{${members.join(",")}}`;
  }
  return typeof value === "bigint" ? value.toString() : JSON.stringify(value);
}

/** Keeps integers that a JavaScript number cannot hold, where the browser hands a reviver the source text. */
export function parse(text: string): Json {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
      ? BigInt(context?.source ?? 0)
      : value,
  ) as Json;
}

export function equal(left: Json, right: Json): boolean {
  return stringify(left) === stringify(right);
}
