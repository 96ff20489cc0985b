/**
 * A waPC host: https://wapc.io/docs/spec/. The module imports three functions of waPC and five of WASI, all of them here.
 */

/** What a policy server gives a module: a fresh instance for each call, and nothing to ask for. */
export class Policy {
  constructor(private readonly module: WebAssembly.Module) {}

  /**
   * Calls a waPC function.
   *
   * @throws {Error} The guest answers with an error, or traps.
   */
  call(operation: string, payload: string): string {
    const guest = new Guest(operation, payload);
    const instance = new WebAssembly.Instance(this.module, guest.imports);
    return guest.run(instance.exports as unknown as GuestExports);
  }
}

interface GuestExports {
  memory: WebAssembly.Memory;
  wapc_init(): void;
  __guest_call(operationLength: number, payloadLength: number): number;
}

const SUCCESS = 0;
/** How many bytes `crypto.getRandomValues` gives at once. */
const RANDOM_CHUNK = 65_536;

class Guest {
  private memory!: WebAssembly.Memory;
  private readonly operation: Uint8Array;
  private readonly payload: Uint8Array;
  private response = "";
  private error = "";
  /** What the guest wrote to standard error: the message of a panic. */
  private written = "";

  constructor(operation: string, payload: string) {
    this.operation = new TextEncoder().encode(operation);
    this.payload = new TextEncoder().encode(payload);
  }

  run(guest: GuestExports): string {
    this.memory = guest.memory;
    try {
      guest.wapc_init();
      if (guest.__guest_call(this.operation.length, this.payload.length) !== 1) {
        throw new Error(this.error || "the module answered neither with a response nor with an error");
      }
    } catch (error) {
      throw new Error([String(error), this.written.trim()].filter(Boolean).join(": "));
    }
    return this.response;
  }

  readonly imports: WebAssembly.Imports = {
    wapc: {
      __guest_request: (operation: number, payload: number) => {
        this.bytes(operation, this.operation.length).set(this.operation);
        this.bytes(payload, this.payload.length).set(this.payload);
      },
      __guest_response: (at: number, length: number) => {
        this.response = this.text(at, length);
      },
      __guest_error: (at: number, length: number) => {
        this.error = this.text(at, length);
      },
    },
    wasi_snapshot_preview1: {
      random_get: (at: number, length: number) => {
        for (let done = 0; done < length; done += RANDOM_CHUNK) {
          crypto.getRandomValues(this.bytes(at + done, Math.min(RANDOM_CHUNK, length - done)));
        }
        return SUCCESS;
      },
      environ_get: () => SUCCESS,
      environ_sizes_get: (count: number, size: number) => {
        this.setNumber(count, 0);
        this.setNumber(size, 0);
        return SUCCESS;
      },
      fd_write: (_descriptor: number, vectors: number, count: number, written: number) => {
        let total = 0;
        for (let vector = vectors; vector < vectors + count * 8; vector += 8) {
          const length = this.number(vector + 4);
          this.written += this.text(this.number(vector), length);
          total += length;
        }
        this.setNumber(written, total);
        return SUCCESS;
      },
      proc_exit: (code: number) => {
        throw new Error(`the module exited with status ${code}`);
      },
    },
  };

  // The buffer is another one once the memory has grown.

  private bytes(at: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.memory.buffer as ArrayBuffer, at, length);
  }

  private text(at: number, length: number): string {
    return new TextDecoder().decode(this.bytes(at, length));
  }

  private number(at: number): number {
    return new DataView(this.memory.buffer).getUint32(at, true);
  }

  private setNumber(at: number, value: number): void {
    new DataView(this.memory.buffer).setUint32(at, value, true);
  }
}
