/** Links that hold a state in their fragment, which browsers send to nobody. A checksum tells whether all of it came through. */

import { EMPTY, type State } from "../types";

/** The version of the page. */
declare const VERSION: string;

const PREFIX = "#s=";
/** Longer links break in chats and mails. */
const MOST_CHARACTERS = 100_000;
/** What a fragment may unpack to, in bytes. */
const MOST_BYTES = 4 << 20;

/** A state, and the version of the page that shared it. */
export interface Shared {
  state: State;
  version: string;
}

/**
 * The fragment of a state.
 *
 * @throws {Error} It is too long.
 */
export async function toFragment(state: State): Promise<string> {
  const shared: Shared = { state, version: VERSION };
  const packed = await through(new CompressionStream("deflate"), new TextEncoder().encode(JSON.stringify(shared)));
  const binary = Array.from(packed, (byte) => String.fromCharCode(byte)).join("");
  const fragment = PREFIX + btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  if (fragment.length > MOST_CHARACTERS) {
    throw new Error("No link: it would be too long. Leave objects out.");
  }
  return fragment;
}

/** Whether a fragment is a link's, readable or not. */
export function isShared(fragment: string): boolean {
  return /^#s(=|$)/.test(fragment);
}

/**
 * What a link's fragment holds.
 *
 * @throws {Error} It is damaged.
 */
export async function fromFragment(fragment: string): Promise<Shared> {
  try {
    const binary = atob(fragment.slice(PREFIX.length).replaceAll("-", "+").replaceAll("_", "/"));
    const unpacked = await through(
      new DecompressionStream("deflate"),
      Uint8Array.from(binary, (c) => c.charCodeAt(0)),
    );
    return read(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(unpacked)));
  } catch {
    throw new Error("This link is damaged: a part of it is missing or changed. Ask for it again, or choose a scenario.");
  }
}

/**
 * A state from JSON: each field is there and of its type.
 *
 * @throws {Error} It is something else.
 */
export function read({ state, version }: { state?: Partial<Record<keyof State, unknown>>; version?: unknown }): Shared {
  const isState = Object.entries(EMPTY).every(([field, value]) => typeof state?.[field as keyof State] === typeof value);
  if (!isState || typeof version !== "string") {
    throw new Error("not a state");
  }
  return { state: { ...EMPTY, ...(state as State) }, version };
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
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
