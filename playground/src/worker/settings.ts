/** Finds the settings in what users have, and the places that the module's messages name. */

import { isMap, isScalar, isSeq, type Node, type Pair } from "yaml";

import type { Problem } from "../types";
import type { Document } from "./documents";
import { at, isObject, type Json } from "./json";

export interface Settings {
  value: Json;
  /** Where they stand in the document. */
  node: Node | undefined;
  /** The policy's manifest around them. */
  manifest?: Json;
}

const POLICY_KINDS = ["ClusterAdmissionPolicy", "AdmissionPolicy"];
/** Where an AKS document has them: `az aks show`, and an ARM resource. */
const AKS_PATHS = [["httpProxyConfig"], ["properties", "httpProxyConfig"]];

/**
 * The settings of a document: a policy manifest's, an AKS cluster's, or the document itself.
 *
 * @throws {Error} A manifest without settings, or a cluster without a configuration.
 */
export function findSettings({ parsed, value: whole }: Document): Settings {
  const part = (path: string[]) => ({ value: at(whole, ...path) as Json, node: parsed.getIn(path, true) as Node | undefined });
  if (POLICY_KINDS.includes(String(at(whole, "kind")))) {
    const settings = part(["spec", "settings"]);
    if (settings.value === undefined) {
      throw new Error("spec.settings: not set; the policy needs settings");
    }
    return { ...settings, manifest: whole };
  }
  const path = AKS_PATHS.find((path) => at(whole, ...path) !== undefined);
  if (path === undefined) {
    return { value: whole, node: parsed.contents ?? undefined };
  }
  const settings = part(path);
  if (settings.value === null) {
    throw new Error(`${path.join(".")}: the cluster has no HTTP proxy configuration; set one, or use another document`);
  }
  return settings;
}

export function withReportMode(settings: Json): Json {
  return isObject(settings) ? { ...settings, mode: "Report" } : settings;
}

/** A path such as `profiles[1].noProxy[3]` in front of `: `; a name that the module does not show is in parentheses. */
const PATH = /(?:[\w./[\]-]|\([^()]*\))+(?=: )/y;

/**
 * The problems in the module's message, which joins them with `; `, each at the value that its path names.
 * A message may have `; ` inside: only a path into these settings starts another problem.
 * They come in the order of the text that the user sees.
 */
export function locate(message: string, settings: Settings, end: number): Problem[] {
  const whole = range(settings.node, end);
  const problems: Problem[] = [];
  for (const part of message.split("; ")) {
    PATH.lastIndex = 0;
    const path = PATH.exec(part)?.[0];
    const place = path === undefined ? undefined : find(settings.node, path);
    const last = problems.at(-1);
    if (last !== undefined && place === undefined && !path?.endsWith(")")) {
      last.message += `; ${part}`;
    } else {
      problems.push({ ...(place ?? whole), message: part });
    }
  }
  return problems.sort((one, other) => one.from - other.from);
}

/** The range of the value at `path`, or of the innermost value around it; nothing if not even its first step exists. */
function find(root: Node | undefined, path: string): { from: number; to: number } | undefined {
  let node: unknown = root;
  let found: { from: number; to: number } | undefined;
  let rest = path;
  while (rest !== "") {
    const index = /^\[(\d+)\]\.?/.exec(rest);
    if (index !== null && isSeq(node)) {
      node = node.items[Number(index[1])];
      rest = rest.slice(index[0].length);
      found = range(node, found?.to ?? 0, found);
    } else if (isMap(node)) {
      const pair = node.items.find((pair) => starts(rest, keyOf(pair)));
      if (pair === undefined) {
        return found;
      }
      node = pair.value;
      rest = rest.slice(keyOf(pair).length).replace(/^\./, "");
      found = range(pair.key, 0);
      if (rest === "" && isScalar(node) && node.value !== null) {
        found = range(node, 0, found);
      }
    } else {
      return found;
    }
  }
  return found;
}

/** Keys may have dots, as those of labels do. */
function starts(path: string, key: string): boolean {
  return path.startsWith(key) && ["", ".", "["].includes(path.charAt(key.length));
}

function keyOf(pair: Pair): string {
  return String(isScalar(pair.key) ? pair.key.value : pair.key);
}

function range(node: unknown, end: number, otherwise = { from: 0, to: end }): { from: number; to: number } {
  const place = (node as Node | null | undefined)?.range;
  return place ? { from: place[0], to: place[1] } : otherwise;
}
