/** Links that hold an input in their fragment, which browsers send to nobody. */

import { type Input, OPERATIONS } from "../types";

const PREFIX = "#s=";
/** Longer links break in chats and mails. */
const MOST_CHARACTERS = 100_000;
/** What a fragment may unpack to, in bytes. */
const MOST_BYTES = 4 << 20;

/**
 * The fragment of an input.
 *
 * @throws {Error} It is too long.
 */
export async function toFragment(input: Input): Promise<string> {
  const packed = await through(new CompressionStream("deflate-raw"), new TextEncoder().encode(JSON.stringify(input)));
  const binary = Array.from(packed, (byte) => String.fromCharCode(byte)).join("");
  const fragment = PREFIX + btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  if (fragment.length > MOST_CHARACTERS) {
    throw new Error("No link: it would be too long. Leave objects out.");
  }
  return fragment;
}

/** The input of a fragment; nothing if it holds none. */
export async function fromFragment(fragment: string): Promise<Input | undefined> {
  if (!fragment.startsWith(PREFIX)) {
    return undefined;
  }
  try {
    const binary = atob(fragment.slice(PREFIX.length).replaceAll("-", "+").replaceAll("_", "/"));
    const unpacked = await through(
      new DecompressionStream("deflate-raw"),
      Uint8Array.from(binary, (c) => c.charCodeAt(0)),
    );
    return read(JSON.parse(new TextDecoder().decode(unpacked)));
  } catch {
    return undefined;
  }
}

function read(found: Partial<Record<keyof Input, unknown>>): Input {
  return {
    settings: String(found.settings ?? ""),
    manifests: String(found.manifests ?? ""),
    operation: OPERATIONS.find((operation) => operation === found.operation) ?? "CREATE",
    namespace: String(found.namespace ?? ""),
    workloads: found.workloads === "templates" ? "templates" : "pods",
    report: found.report === true,
  };
}

async function through(transform: CompressionStream | DecompressionStream, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const reader = new Blob([bytes]).stream().pipeThrough(transform).getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    length += chunk.value.length;
    if (length > MOST_BYTES) {
      throw new Error("too large");
    }
    chunks.push(chunk.value);
  }
  const all = new Uint8Array(length);
  chunks.reduce((at, chunk) => (all.set(chunk, at), at + chunk.length), 0);
  return all;
}
