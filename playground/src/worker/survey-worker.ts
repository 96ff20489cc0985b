/** The survey's worker: loads the module, and gives it the files piece by piece, so that a large one never is in memory as a whole. */

import type { Dump, SurveyReply, Surveyed } from "../types";
import { Guest } from "./host";

/** In bytes. */
const CHUNK = 1 << 20;
/** Milliseconds between two messages about the progress. */
const PROGRESS = 100;

self.onmessage = async ({ data }: MessageEvent<Dump>) => {
  try {
    tell({ answer: await survey(data) });
  } catch (error) {
    tell({ failure: (error as Error).message });
  }
};

async function survey({ settings, files }: Dump): Promise<Surveyed> {
  const response = await fetch("survey.wasm");
  if (!response.ok) {
    throw new Error(`survey.wasm cannot be loaded: status ${response.status}; reload the page`);
  }
  const module = await WebAssembly.compileStreaming(response);
  const question = JSON.stringify({ settings, files: files.map(({ name }) => name) });
  return JSON.parse(new Guest("survey", question, reader(files)).run(module)) as Surveyed;
}

/** Answers the module's calls for the next bytes of a file. */
function reader(files: File[]) {
  const sync = new FileReaderSync();
  const at = files.map(() => 0);
  let told = 0;
  return (_binding: string, index: string, _operation: string, pods: string): Uint8Array => {
    const file = files[Number(index)]!;
    const start = at[Number(index)]!;
    const bytes = new Uint8Array(sync.readAsArrayBuffer(file.slice(start, start + CHUNK)));
    at[Number(index)] = start + bytes.length;
    const read = at.reduce((sum, count) => sum + count, 0);
    // The last one is told for sure: what comes then takes its time, too.
    if (performance.now() - told > PROGRESS || bytes.length === 0) {
      told = performance.now();
      tell({ read, pods: Number(pods) });
    }
    return bytes;
  };
}

function tell(reply: SurveyReply): void {
  self.postMessage(reply);
}
