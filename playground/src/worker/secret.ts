/** Keeps credentials out of links. */

import { isScalar, visit } from "yaml";

import type { Document } from "./documents";

/** A URL with user-info, however its characters are escaped or mistyped: too much is found rather than too little. */
const IN_TEXT = /:\\?\/\\?\/\S*@/;
const IN_VALUE = /:\/\/.*@/;
const SECRET = /\bkind["']?\s*:\s*["']?Secret\b/;

/** Why no link may hold these texts and the documents in them, if there is a reason. */
export function secretIn(texts: string[], documents: Document[]): string | undefined {
  if (texts.some((text) => IN_TEXT.test(text)) || documents.some(hasUserInfo)) {
    return "No link: a URL has a user name or password in it. Take it out, or use httpProxyFrom with a Secret.";
  }
  if (texts.some((text) => SECRET.test(text))) {
    return "No link: a Secret is among the manifests. Take it out.";
  }
  return undefined;
}

function hasUserInfo({ parsed }: Document): boolean {
  let found = false;
  visit(parsed, (_key, node) => {
    found ||= isScalar(node) && typeof node.value === "string" && IN_VALUE.test(node.value);
    return found ? visit.BREAK : undefined;
  });
  return found;
}
