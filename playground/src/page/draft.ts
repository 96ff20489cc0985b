/** What was entered last, which survives a reload of this tab. It never holds what a link may not hold. */

import type { State } from "../types";
import { read } from "./share";

const KEY = "http-proxy-policy-draft";

/** Keeps a state, or nothing if it could hold a secret. */
export function keep(state: State | undefined): void {
  try {
    if (state === undefined) {
      sessionStorage.removeItem(KEY);
    } else {
      sessionStorage.setItem(KEY, JSON.stringify({ state, version: "" }));
    }
  } catch {
    // The browser stores nothing, or not as much: there is no draft then.
  }
}

/** The state that was kept. */
export function kept(): State | undefined {
  try {
    const draft = sessionStorage.getItem(KEY);
    return draft === null ? undefined : read(JSON.parse(draft)).state;
  } catch {
    return undefined;
  }
}
