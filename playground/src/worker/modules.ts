/** Calls the modules as a policy server does it: a fresh instance for each call. */

import type { ModuleName } from "../types";
import { Guest } from "./host";

const encoder = new TextEncoder();

/**
 * The answer of the explanation, which asks the policy.
 *
 * @throws {Error} A module is missing, fails or traps.
 */
export function call(modules: Map<ModuleName, WebAssembly.Module>, operation: string, payload: string): string {
  const run = (name: ModuleName, asked: string, request: string): string => {
    const module = modules.get(name);
    if (module === undefined) {
      throw new Error(`${name}: the module is missing`);
    }
    return new Guest(asked, request, name === "explanation" ? policy : nobody).run(module);
  };
  // The only thing that the explanation may ask for is the policy's answer.
  const policy = (binding: string, _namespace: string, asked: string, request: string) => {
    if (binding !== "policy" || asked !== "validate") {
      return nobody(binding, "", asked);
    }
    return encoder.encode(run("policy", asked, request));
  };
  return run("explanation", operation, payload);
}

function nobody(binding: string, _namespace: string, asked: string): never {
  throw new Error(`${binding} ${asked}: no such function`);
}
