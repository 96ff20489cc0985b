/** Which profile applies: the module itself says so, of a pod with nothing but what profiles match. */

import type { Policy } from "./host";
import { at, isObject, type Json, parse, textAt } from "./json";
import { payload, type Request } from "./request";
import { templateOf } from "./workloads";

const ANNOTATION = "http-proxy.kubewarden.io/profile";

/** The name of the profile, or "none"; nothing if the settings have no profiles or the policy gives no answer. */
export function profileOf(policy: Policy, request: Request, settings: Json): string | undefined {
  const profiles = at(settings, "profiles");
  const pod = templateOf(request.object);
  if (!Array.isArray(profiles) || profiles.length === 0 || pod === undefined) {
    return undefined;
  }
  // A proxy of its own for each profile.
  const proxy = (index: number) => `http://profile-${index}.invalid:80`;
  const probing = {
    httpProxy: proxy(-1),
    profiles: profiles.map((profile, index) => ({
      name: at(profile, "name") ?? null,
      ...(isObject(profile) && "match" in profile ? { match: profile["match"] as Json } : {}),
      httpProxy: proxy(index),
    })),
  };
  const answer = parse(policy.call("validate", payload({ ...request.review, ...probe(request, pod) }, probing)));
  const containers = at(answer, "mutated_object", "spec", "containers");
  const variables = Array.isArray(containers) ? at(containers[0], "env") : undefined;
  const value = Array.isArray(variables) ? textAt(variables[0], "value") : undefined;
  const index = [-1, ...profiles.keys()].find((index) => proxy(index) === value);
  if (index === undefined) {
    return undefined;
  }
  return index < 0 ? "none" : textAt(profiles[index], "name");
}

function probe(request: Request, pod: Json): { [key: string]: Json } {
  const annotation = textAt(pod, "metadata", "annotations", ANNOTATION);
  return {
    kind: { group: "", kind: "Pod", version: "v1" },
    operation: "CREATE",
    oldObject: null,
    object: {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        namespace: request.namespace,
        labels: at(pod, "metadata", "labels") ?? {},
        annotations: annotation === undefined ? {} : { [ANNOTATION]: annotation },
      },
      spec: {
        nodeSelector: at(pod, "spec", "nodeSelector") ?? {},
        affinity: at(pod, "spec", "affinity") ?? {},
        containers: [{ name: "probe" }],
      },
    },
  };
}
