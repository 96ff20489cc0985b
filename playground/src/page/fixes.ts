/** What a message says to write, as a change of its line. */

import type { Problem } from "../types";

export interface Fix {
  /** What is written. */
  by: string;
  /** What it stands in place of, from the line's start. */
  from: number;
  to: number;
}

/** The change that a problem's message asks for, if it names a word or an entry, and the line has what is wrong. */
export function fix({ path = "", message }: Problem, line: string): Fix | undefined {
  const field = /([\w-]+)(\[\d+\])*$/.exec(path)?.[1] ?? "";
  const meant = /; did you mean ([^\s?]+)\?$/.exec(message)?.[1];
  if (meant !== undefined && message.startsWith("unknown field")) {
    return replace(line, new RegExp(`(["']?\\b)${field}\\b`), field, meant);
  }
  if (meant !== undefined) {
    return replace(line, new RegExp(`(\\b${field}["']?\\s*:\\s*["']?)([^\\s"',}]+)`), undefined, meant);
  }
  const [, wrong, right] = /^"([^"]+)" .*; write ([^\s,]+)$/.exec(message) ?? [];
  if (wrong === undefined || right === undefined) {
    return undefined;
  }
  const at = line.indexOf(wrong);
  const isQuoted = /["']/.test(line.charAt(at - 1));
  return at < 0 ? undefined : { by: /^\w|^[./]/.test(right) || isQuoted ? right : `"${right}"`, from: at, to: at + wrong.length };
}

function replace(line: string, pattern: RegExp, wrong: string | undefined, by: string): Fix | undefined {
  const found = pattern.exec(line);
  const part = wrong ?? found?.[2];
  if (found === null || part === undefined) {
    return undefined;
  }
  const from = found.index + (found[1]?.length ?? 0);
  return { by, from, to: from + part.length };
}
