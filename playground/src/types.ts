/** What the page asks the modules, and what they answer: `crates/explain-wasm`, `crates/survey-wasm`. */

/** What a user has entered: all that decides the answer, and all that a link shares. */
export interface State {
  /** Settings, what AKS prints, or a policy's manifest. */
  settings: string;
  /** Kubernetes objects, YAML or JSON, several documents. */
  objects: string;
  /** The request's namespace; empty: each object's own, or `default`. */
  namespace: string;
  /** `KEY=VALUE,KEY=VALUE`; empty: not known. */
  namespaceLabels: string;
  operation: string;
  /** Sets `mode: Report` in the settings. */
  report: boolean;
}

export const EMPTY: State = {
  settings: "",
  objects: "",
  namespace: "",
  namespaceLabels: "",
  operation: "CREATE",
  report: false,
};

export type Field = keyof State;

/** Something wrong in a line of a field, from 1. */
export interface Problem {
  field: Field;
  line: number;
  path?: string;
  message: string;
}

export type Verdict = "changed" | "unchanged" | "rejected" | "notSent";

/** Container, variables, outcome, reason. The container is empty where it is that of the row above. */
export type Row = [container: string, variables: string, outcome: string, why: string];

export interface Part {
  title: string;
  added: number;
  removed: number;
  /** Lines with their sign in front: `+`, `-` or a space. */
  groups: string[][];
}

export interface Explained {
  title: string;
  sent: boolean;
  verdict: Verdict;
  reason: string | null;
  detail: string | null;
  profile: { name: string; because: string } | null;
  rows: Row[];
  moreRows: number;
  rowsNote: string | null;
  warnings: string[];
  unless: string[];
  assumed: string[];
  wantedLabels: string | null;
  disagreement: string | null;
  changes: { parts: Part[]; moreParts: number; object: string; patch: string } | null;
}

export interface Answer {
  problems: Problem[];
  notes: string[];
  objects: Explained[];
  left: number;
  policy: string | null;
}

/** A question of the NO_PROXY tester. */
export interface Tested {
  state: State;
  destination: string;
  container: string;
}

export type Way = "direct" | "proxy" | "fails" | "noProxy";

export interface Routes {
  problem: string | null;
  containers: string[];
  container: string;
  destination: string;
  notes: string[];
  clients: { client: string; version: string; way: Way; why: string }[];
}

/** What each operation of the explanation takes and answers. */
export interface Operations {
  answer: [State, Answer];
  answer_alone: [State, Answer];
  secrets: [State, Problem[]];
  routes: [Tested, Routes];
}

/** What the worker is told. */
export type Message = { name: ModuleName; module: WebAssembly.Module } | { operation: keyof Operations; payload: unknown };
export type ModuleName = "policy" | "explanation";
/** What the worker says: the JSON that the module answers, or why there is none. */
export type Reply = { json: string } | { failure: string };

/** What the survey's worker is told. */
export interface Dump {
  settings: string;
  files: File[];
}

export interface Surveyed {
  problems: string[];
  verdict: string;
  page: string;
  notes: string[];
}

/** What the survey's worker says: how far it is, in bytes, or the end. */
export type SurveyReply = { read: number; pods: number } | { answer: Surveyed } | { failure: string };
