/** The kinds that have a pod template, and where: those that the policy knows. */

import { at, type Json, textAt } from "./json";

interface Kind {
  group: string;
  resource: string;
  /** The way to the pod template; a Pod is its own. */
  template: string[];
}

const KINDS: Record<string, Kind> = {
  Pod: { group: "", resource: "pods", template: [] },
  PodTemplate: { group: "", resource: "podtemplates", template: ["template"] },
  ReplicationController: { group: "", resource: "replicationcontrollers", template: ["spec", "template"] },
  Deployment: { group: "apps", resource: "deployments", template: ["spec", "template"] },
  ReplicaSet: { group: "apps", resource: "replicasets", template: ["spec", "template"] },
  StatefulSet: { group: "apps", resource: "statefulsets", template: ["spec", "template"] },
  DaemonSet: { group: "apps", resource: "daemonsets", template: ["spec", "template"] },
  Job: { group: "batch", resource: "jobs", template: ["spec", "template"] },
  CronJob: { group: "batch", resource: "cronjobs", template: ["spec", "jobTemplate", "spec", "template"] },
};

export function kindOf(object: Json): Kind | undefined {
  const kind = textAt(object, "kind") ?? "";
  const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  return known?.group === group(object) ? known : undefined;
}

/** The API group that `apiVersion` names; the core group is empty. */
export function group(object: Json): string {
  const apiVersion = textAt(object, "apiVersion") ?? "";
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}

/** The pod or pod template of an object. */
export function templateOf(object: Json): Json | undefined {
  const kind = kindOf(object);
  return kind && at(object, ...kind.template);
}
