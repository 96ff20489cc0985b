/** The worker: takes the compiled module first, then one input after the other, and answers each with a result. */

import type { Input, Result } from "../types";
import { evaluate } from "./evaluate";
import { Policy } from "./host";

let policy: Policy;

self.onmessage = ({ data }: MessageEvent<WebAssembly.Module | Input>) => {
  if (data instanceof WebAssembly.Module) {
    policy = new Policy(data);
  } else {
    self.postMessage(answer(data));
  }
};

function answer(input: Input): Result {
  try {
    return evaluate(policy, input);
  } catch (error) {
    const failure = `The policy gave no answer: ${(error as Error).message}`;
    return { settingsProblems: [], manifestProblems: [], outcomes: [], left: 0, failure };
  }
}
