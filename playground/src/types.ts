/** What the page asks its worker, and what comes back. */

/** What a user has entered: all that decides the result, and all that a link shares. */
export interface Input {
  /** Settings in any of the forms that `worker/settings.ts` reads. */
  settings: string;
  /** Kubernetes manifests, YAML or JSON, several documents. */
  manifests: string;
  operation: Operation;
  /** The request's namespace; empty: the manifest's own, or `default`. */
  namespace: string;
  /** Which request a workload leads to: its pod's, as the policy's own rules have it, or the workload's itself. */
  workloads: "pods" | "templates";
  /** Sets `mode: Report` in the settings. */
  report: boolean;
}

export const OPERATIONS = ["CREATE", "UPDATE", "UPDATE-TEMPLATE", "DELETE"] as const;

/** An admission operation; `UPDATE-TEMPLATE` is an `UPDATE` whose old object has another pod template. */
export type Operation = (typeof OPERATIONS)[number];

/** Something wrong between two offsets of an editor's text. */
export interface Problem {
  from: number;
  to: number;
  message: string;
}

/** The policy's answer about one object. */
export interface Outcome {
  /** Kind and name. */
  title: string;
  verdict: "changed" | "unchanged" | "rejected" | "failed";
  summary: string;
  /** The profile that applies, if the settings have profiles. */
  profile?: string;
  warnings: string[];
  /** The request's object as YAML. */
  before: string;
  /** The mutated object as YAML; the same as `before` if nothing changes. */
  after: string;
  /** What the policy server sends to the API server: JSON, an operation per line. */
  patch: string;
}

export interface Result {
  settingsProblems: Problem[];
  manifestProblems: Problem[];
  outcomes: Outcome[];
  /** Objects beyond those that are asked about. */
  left: number;
  /** A manifest with these settings, if they are valid. */
  policy?: string;
  /** Why no link may hold this input. */
  secret?: string;
  /** Why there is no result at all. */
  failure?: string;
}
