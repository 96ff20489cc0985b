/** The worker: takes the compiled modules, then one question after the other, and answers each with JSON. */

import type { Message, ModuleName, Reply } from "../types";
import { call } from "./modules";

const modules = new Map<ModuleName, WebAssembly.Module>();

self.onmessage = ({ data }: MessageEvent<Message>) => {
  if ("module" in data) {
    modules.set(data.name, data.module);
  } else {
    self.postMessage(reply(data.operation, JSON.stringify(data.payload)));
  }
};

function reply(operation: string, payload: string): Reply {
  try {
    return { json: call(modules, operation, payload) };
  } catch (error) {
    return { failure: (error as Error).message };
  }
}
