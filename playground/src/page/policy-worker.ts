/** The worker that runs the policy, so that the page stays responsive whatever it is given. */

import type { Input, Result } from "../types";

/** Milliseconds that an answer may take. */
const TIME_LIMIT = 20_000;

export class PolicyWorker {
  private worker: Worker;
  private last: Promise<unknown> = Promise.resolve();
  private turn = 0;

  constructor(private readonly module: WebAssembly.Module) {
    this.worker = this.start();
  }

  /** The result for an input; nothing if a newer input, or `forget`, came before it. */
  async evaluate(input: Input): Promise<Result | undefined> {
    const turn = ++this.turn;
    const isNewest = () => turn === this.turn;
    const result = this.last.then(() => (isNewest() ? this.ask(input) : undefined));
    this.last = result;
    const answer = await result;
    return isNewest() ? answer : undefined;
  }

  /** Has no result for the inputs so far: they have changed since. */
  forget(): void {
    this.turn += 1;
  }

  private start(): Worker {
    const worker = new Worker("worker.js");
    worker.postMessage(this.module);
    return worker;
  }

  private ask(input: Input): Promise<Result> {
    return new Promise((resolve) => {
      const fail = (why: string) => {
        clearTimeout(timer);
        this.worker.terminate();
        this.worker = this.start();
        resolve({
          settingsProblems: [],
          manifestProblems: [],
          outcomes: [],
          left: 0,
          failure: `The policy gave no answer: ${why}`,
        });
      };
      const timer = setTimeout(() => fail(`it took longer than ${TIME_LIMIT / 1000} seconds`), TIME_LIMIT);
      this.worker.onerror = (event) => fail(event.message);
      this.worker.onmessage = ({ data }: MessageEvent<Result>) => {
        clearTimeout(timer);
        resolve(data);
      };
      this.worker.postMessage(input);
    });
  }
}
