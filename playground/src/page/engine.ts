/** The worker that runs the modules, so that the page stays responsive whatever it is given. */

import type { Answer, Message, ModuleName, Operations, Problem, Reply, Routes, State, Tested } from "../types";

/** Milliseconds that an answer may take. */
const TIME_LIMIT = 20_000;

export class Engine {
  private worker = new Worker("worker.js");
  private readonly modules = new Map<ModuleName, WebAssembly.Module>();
  private last: Promise<unknown> = Promise.resolve();
  /** The newest question of each kind that may be overtaken. */
  private readonly turns = { answer: 0, routes: 0 };

  /**
   * Loads a module, which is compiled while it arrives.
   *
   * @throws {Error} It cannot be loaded.
   */
  async load(name: ModuleName, file: string): Promise<void> {
    const response = await fetch(file);
    if (!response.ok) {
      throw new Error(`${file} cannot be loaded: status ${response.status}; reload the page`);
    }
    const module = await WebAssembly.compileStreaming(response);
    this.modules.set(name, module);
    this.tell({ name, module });
  }

  /** Whether the released module answers, and not yet its code in the other one. */
  get isReleased(): boolean {
    return this.modules.has("policy");
  }

  /**
   * The answer for a state; nothing if a newer question, or `forget`, came before it.
   *
   * @throws {Error} There is no answer.
   */
  async answer(state: State): Promise<Answer | undefined> {
    return this.newest("answer", () => this.ask(this.isReleased ? "answer" : "answer_alone", state));
  }

  /**
   * The ways of the clients; nothing if a newer question came before the answer.
   *
   * @throws {Error} There is no answer.
   */
  async routes(tested: Tested): Promise<Routes | undefined> {
    return this.newest("routes", () => this.ask("routes", tested));
  }

  /** What no link and no draft may hold. */
  async secrets(state: State): Promise<Problem[]> {
    return this.inTurn(() => this.ask("secrets", state));
  }

  /** Has no answer for the states so far: they have changed since. */
  forget(): void {
    this.turns.answer += 1;
  }

  private async newest<T>(kind: keyof Engine["turns"], ask: () => Promise<T>): Promise<T | undefined> {
    const turn = ++this.turns[kind];
    const isNewest = () => turn === this.turns[kind];
    const answer = await this.inTurn(() => (isNewest() ? ask() : undefined));
    return isNewest() ? answer : undefined;
  }

  private inTurn<T>(ask: () => T | Promise<T>): Promise<T> {
    const asked = this.last.then(ask);
    this.last = asked.catch(() => {});
    return asked;
  }

  private tell(message: Message): void {
    this.worker.postMessage(message);
  }

  private ask<Name extends keyof Operations>(operation: Name, payload: Operations[Name][0]): Promise<Operations[Name][1]> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => {
        clearTimeout(timer);
        this.worker.terminate();
        this.worker = new Worker("worker.js");
        this.modules.forEach((module, name) => this.tell({ name, module }));
        reject(new Error(`The policy gave no answer: ${why}`));
      };
      const timer = setTimeout(() => fail(`it took longer than ${TIME_LIMIT / 1000} seconds`), TIME_LIMIT);
      this.worker.onerror = (event) => fail(event.message);
      this.worker.onmessage = ({ data }: MessageEvent<Reply>) => {
        clearTimeout(timer);
        if ("failure" in data) {
          reject(new Error(`The policy gave no answer: ${data.failure}`));
        } else {
          resolve(JSON.parse(data.json) as Operations[Name][1]);
        }
      };
      this.tell({ operation, payload });
    });
  }
}
