/**
 * A waPC host: https://wapc.io/docs/spec/. The policy imports three functions of waPC and five of WASI, the explanation and the
 * survey six more.
 */

interface GuestExports {
  memory: WebAssembly.Memory;
  wapc_init(): void;
  __guest_call(operationLength: number, payloadLength: number): number;
}

const SUCCESS = 0;
/** How many bytes `crypto.getRandomValues` gives at once. */
const RANDOM_CHUNK = 65_536;

/** Answers a call of the guest. */
export type Host = (binding: string, namespace: string, operation: string, payload: string) => Uint8Array;

/** One call of a module, in an instance of its own. */
export class Guest {
  private memory!: WebAssembly.Memory;
  private readonly operation: Uint8Array;
  private readonly payload: Uint8Array;
  private response = "";
  private error = "";
  /** What the guest wrote to standard error: the message of a panic. */
  private written = "";
  /** What the host answered to the guest's own call. */
  private hostResponse: Uint8Array = new Uint8Array();
  private hostError: Uint8Array = new Uint8Array();

  constructor(
    operation: string,
    payload: string,
    private readonly host: Host,
  ) {
    this.operation = new TextEncoder().encode(operation);
    this.payload = new TextEncoder().encode(payload);
  }

  /**
   * @throws {Error} The guest answers with an error, or traps.
   */
  run(module: WebAssembly.Module): string {
    const guest = new WebAssembly.Instance(module, this.imports).exports as unknown as GuestExports;
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
      // Binding, namespace, operation and payload.
      __host_call: (
        b: number,
        bLength: number,
        n: number,
        nLength: number,
        o: number,
        oLength: number,
        p: number,
        pLength: number,
      ) => {
        try {
          this.hostResponse = this.host(
            this.text(b, bLength),
            this.text(n, nLength),
            this.text(o, oLength),
            this.text(p, pLength),
          );
          return 1;
        } catch (error) {
          this.hostError = new TextEncoder().encode((error as Error).message);
          return 0;
        }
      },
      __host_response: (at: number) => this.bytes(at, this.hostResponse.length).set(this.hostResponse),
      __host_response_len: () => this.hostResponse.length,
      __host_error: (at: number) => this.bytes(at, this.hostError.length).set(this.hostError),
      __host_error_len: () => this.hostError.length,
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
