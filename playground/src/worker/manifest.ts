/** The policy's manifest to copy: that of an example, with the user's settings. */

import { parseDocument } from "yaml";

import quickstart from "../../../examples/quickstart/policy.yaml";
import report from "../../../examples/report/policy.yaml";
import { SCHEMA } from "./documents";
import { at, type Json } from "./json";

const SELECTORS = ["namespaceSelector", "objectSelector"];

/**
 * The manifest with `settings`: of the report if their mode is `Report`, otherwise of a policy that changes pods.
 *
 * @param of A manifest whose selectors it takes.
 */
export function policyManifest(settings: Json, of: Json | undefined): string {
  const example = at(settings, "mode") === "Report" ? report : quickstart;
  const manifest = parseDocument(example.replace(/^(#.*\n)+/, ""), SCHEMA);
  manifest.setIn(["spec", "settings"], manifest.createNode(settings));
  for (const selector of of === undefined ? [] : SELECTORS) {
    const value = at(of, "spec", selector);
    if (value === undefined) {
      manifest.deleteIn(["spec", selector]);
    } else {
      manifest.setIn(["spec", selector], manifest.createNode(value));
    }
  }
  return manifest.toString({ lineWidth: 0, flowCollectionPadding: false });
}
