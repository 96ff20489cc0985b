/** Admission requests as an API server sends them to a policy. */

import type { Input, Operation } from "../types";
import { at, isObject, type Json, type JsonObject, stringify, textAt } from "./json";
import { group, kindOf, templateOf } from "./workloads";

export interface Request {
  /** Kind and name. */
  title: string;
  /** What it is about: the object, or the one to be deleted. */
  object: Json;
  namespace: string;
  /** The request of an AdmissionReview. */
  review: JsonObject;
}

/**
 * @throws {Error} It is not a Kubernetes object.
 */
export function request(manifest: Json, input: Input): Request {
  const namespace = input.namespace || textAt(manifest, "metadata", "namespace") || "default";
  const object = inNamespace(input.workloads === "pods" ? podOf(manifest) : manifest, namespace);
  const apiVersion = textAt(object, "apiVersion");
  const kind = textAt(object, "kind");
  if (!isObject(object) || apiVersion === undefined || kind === undefined) {
    throw new Error("not a Kubernetes object; it must have apiVersion and kind");
  }
  const version = apiVersion.slice(apiVersion.indexOf("/") + 1);
  const name = textAt(object, "metadata", "name");
  const kinds = { group: group(object), kind, version };
  const resource = { group: group(object), resource: kindOf(object)?.resource ?? `${kind.toLowerCase()}s`, version };
  return {
    title: `${kind} ${name ?? textAt(object, "metadata", "generateName") ?? "(unnamed)"}`,
    object,
    namespace,
    review: {
      uid: "00000000-0000-0000-0000-000000000000",
      kind: kinds,
      requestKind: kinds,
      resource,
      requestResource: resource,
      ...(name === undefined ? {} : { name }),
      namespace,
      operation: input.operation === "UPDATE-TEMPLATE" ? "UPDATE" : input.operation,
      userInfo: { username: "kubernetes-admin", groups: ["system:authenticated"] },
      dryRun: false,
      object: input.operation === "DELETE" ? null : object,
      oldObject: oldObject(object, input.operation),
    },
  };
}

/** The payload of the waPC function `validate`. */
export function payload(review: JsonObject, settings: Json): string {
  return stringify({ request: review, settings });
}

/** The API server has written the namespace into an object before any policy sees it. */
function inNamespace(object: Json, namespace: string): Json {
  if (!isObject(object) || kindOf(object) === undefined || !isObject(object["metadata"] ?? {})) {
    return object;
  }
  return { ...object, metadata: { ...(object["metadata"] as JsonObject | undefined), namespace } };
}

/** The pod that a workload's controller creates; any other object is itself. */
function podOf(object: Json): Json {
  const template = templateOf(object);
  if (!isObject(template) || template === object) {
    return object;
  }
  const metadata = template["metadata"] ?? {};
  const name = textAt(object, "metadata", "name");
  const generateName = name === undefined ? {} : { generateName: `${name}-` };
  return {
    apiVersion: "v1",
    kind: "Pod",
    ...template,
    metadata: isObject(metadata) ? { ...metadata, ...generateName } : metadata,
  };
}

function oldObject(object: JsonObject, operation: Operation): Json {
  switch (operation) {
    case "CREATE":
      return null;
    case "UPDATE":
    case "DELETE":
      return object;
    case "UPDATE-TEMPLATE":
      return restarted(object, kindOf(object)?.template ?? []);
  }
}

/** The same object with another annotation in its template, as `kubectl rollout restart` writes it. */
function restarted(object: JsonObject, template: string[]): JsonObject {
  const [key, ...rest] = [...template, "metadata", "annotations", "kubectl.kubernetes.io/restartedAt"];
  return setIn(object, key as string, rest);
}

function setIn(object: JsonObject, key: string, rest: string[]): JsonObject {
  const [next, ...further] = rest;
  const child = at(object, key);
  return { ...object, [key]: next === undefined ? "2026-01-01T00:00:00Z" : setIn(isObject(child) ? child : {}, next, further) };
}
