/** From what the user has entered to what the policy answers. */

import { stringify as toYaml } from "yaml";

import type { Input, Outcome, Problem, Result } from "../types";
import { type Document, objects, parseDocuments, SCHEMA } from "./documents";
import type { Policy } from "./host";
import { at, equal, isObject, type Json, parse, stringify, textAt } from "./json";
import { policyManifest } from "./manifest";
import { diff, show } from "./patch";
import { profileOf } from "./profile";
import { payload, type Request, request } from "./request";
import { secretIn } from "./secret";
import { findSettings, locate, type Settings, withReportMode } from "./settings";
import { templateOf } from "./workloads";

/** How many objects are asked about. */
const MOST = 100;

export function evaluate(policy: Policy, input: Input): Result {
  const settings = parseDocuments(input.settings);
  const manifests = parseDocuments(input.manifests);
  const secret = secretIn([input.settings, input.manifests], [...settings.documents, ...manifests.documents]);
  const result: Result = {
    settingsProblems: settings.problems,
    manifestProblems: manifests.problems,
    outcomes: [],
    left: 0,
    ...(secret === undefined ? {} : { secret }),
  };
  if (settings.problems.length > 0) {
    return result;
  }
  const [valid, problems] = check(policy, settings.documents, input);
  if (valid === undefined) {
    return { ...result, settingsProblems: problems };
  }
  result.policy = valid.manifest !== undefined && !input.report ? input.settings : policyManifest(valid.value, valid.manifest);
  if (manifests.problems.length > 0) {
    return result;
  }
  const all = objects(manifests.documents);
  return {
    ...result,
    outcomes: all.slice(0, MOST).map((manifest) => ask(policy, manifest, valid.value, input)),
    left: Math.max(0, all.length - MOST),
  };
}

/** The settings, if the module takes them; otherwise what is wrong with them. */
function check(policy: Policy, documents: Document[], input: Input): [Settings | undefined, Problem[]] {
  const end = input.settings.length;
  const [document, second] = documents;
  if (document === undefined) {
    return [undefined, [{ from: 0, to: end, message: "the settings are empty; choose an example to start with" }]];
  }
  if (second !== undefined) {
    const message = "a second document; the settings are one document";
    return [undefined, [{ from: second.parsed.range[0], to: second.parsed.range[1], message }]];
  }
  let settings: Settings;
  try {
    settings = findSettings(document);
  } catch (error) {
    return [undefined, [{ from: 0, to: end, message: (error as Error).message }]];
  }
  if (input.report) {
    settings.value = withReportMode(settings.value);
  }
  const answer = parse(policy.call("validate_settings", stringify(settings.value)));
  if (at(answer, "valid") === true) {
    return [settings, []];
  }
  return [undefined, locate(textAt(answer, "message") ?? "the settings are not valid", settings, end)];
}

function ask(policy: Policy, manifest: Json, settings: Json, input: Input): Outcome {
  let title = `${textAt(manifest, "kind") ?? "Document"} ${textAt(manifest, "metadata", "name") ?? ""}`.trim();
  try {
    const asked = request(manifest, input);
    title = asked.title;
    const answer = parse(policy.call("validate", payload(asked.review, settings)));
    const profile = profileOf(policy, asked, settings);
    return { ...outcome(asked, answer), ...(profile === undefined ? {} : { profile }) };
  } catch (error) {
    return { title, verdict: "failed", summary: (error as Error).message, warnings: [], before: "", after: "", patch: "" };
  }
}

function outcome({ title, object }: Request, answer: Json): Outcome {
  const mutated = at(answer, "mutated_object");
  const after = mutated ?? object;
  const operations = diff(object, after);
  const warnings = at(answer, "warnings");
  const accepted = at(answer, "accepted") === true;
  const changed = operations.length > 0;
  return {
    title,
    verdict: accepted ? (changed ? "changed" : "unchanged") : "rejected",
    summary: accepted
      ? changed
        ? `${changes(object, after)} ${operations.length} patch operation${operations.length === 1 ? "" : "s"}.`
        : "Accepted and left as it is."
      : `Rejected with code ${String(at(answer, "code"))}: ${textAt(answer, "message") ?? ""}`,
    warnings: Array.isArray(warnings) ? warnings.map(String) : [],
    before: yaml(object),
    after: yaml(after),
    patch: show(operations),
  };
}

/** Which containers change. */
function changes(before: Json, after: Json): string {
  const names = ["initContainers", "containers"].flatMap((list) => {
    const [old, current] = [before, after].map((object) => at(templateOf(object), "spec", list));
    return Array.isArray(current)
      ? current
          .filter((container, index) => !Array.isArray(old) || !equal(container, old[index] ?? null))
          .map((container) => textAt(container, "name"))
      : [];
  });
  return names.length > 0 ? `Containers changed: ${names.join(", ")}.` : "No container changed.";
}

/** With sorted keys, as `kubectl get -o yaml` prints objects. */
function yaml(value: Json): string {
  return toYaml(sorted(value), { ...SCHEMA, indentSeq: false, lineWidth: 0, aliasDuplicateObjects: false });
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  return isObject(value)
    ? Object.fromEntries(
        Object.keys(value)
          .sort()
          .map((key) => [key, sorted(value[key] as Json)]),
      )
    : value;
}
