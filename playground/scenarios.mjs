/**
 * What the page offers to try, made of the repository's examples. A test runs each one and checks what its sentence promises.
 *
 * `settings` and `objects` are files of `examples/`. `replace` exchanges a part of the objects' text, `add` is appended to the settings.
 */
export const SCENARIOS = [
  {
    id: "aks",
    title: "Coming from AKS",
    sentence: "Your httpProxyConfig works unchanged: the backend and its init container get the proxy.",
    settings: "aks-proxy-config.json",
    objects: "pod.yaml",
  },
  {
    id: "ca",
    title: "A corporate CA",
    sentence: "Each container but the mesh’s sidecar trusts your CA, without a new image.",
    settings: "aks-proxy-config-with-ca.json",
    objects: "pod.yaml",
  },
  {
    id: "dmz",
    title: "A DMZ node pool",
    sentence: "Pods that are pinned to its nodes get the DMZ’s proxy.",
    settings: "per-node-pool/policy.yaml",
    objects: "pod.yaml",
    replace: ["spec:\n", "spec:\n  nodeSelector:\n    kubernetes.azure.com/agentpool: dmz\n"],
  },
  {
    id: "java",
    title: "A Java service",
    sentence: "A JVM ignores the proxy variables, so it gets JAVA_TOOL_OPTIONS in front of its own.",
    settings: "quickstart/policy.yaml",
    add: "    runtimes: {java: true}\n",
    objects: "java-truststore/deployment.yaml",
  },
  {
    id: "sidecar",
    title: "Why has my sidecar no proxy?",
    sentence: "excludeContainers leaves istio-proxy out, and report keeps the proxies that it sets itself.",
    settings: "quickstart/policy.yaml",
    objects: "pod.yaml",
  },
  {
    id: "secret",
    title: "A password from a Secret",
    sentence: "The proxy’s URL with its password stays in a Secret of each namespace.",
    settings: "credentials/policy.yaml",
    objects: "pod.yaml",
    namespaceLabels: "http-proxy.example.com/secret=true",
  },
  {
    id: "opt-in",
    title: "A namespace that opts in",
    sentence: "Without the label, no pod of the namespace reaches the policy.",
    settings: "opt-in/policy.yaml",
    objects: "pod.yaml",
  },
  {
    id: "report",
    title: "A pod that is out of date",
    sentence: "The report changes and blocks nothing. It says that this pod must be re-created to get the proxy.",
    settings: "report/policy.yaml",
    objects: "pod.yaml",
    namespaceLabels: "team=shop",
  },
  {
    id: "cluster",
    title: "What does my cluster get?",
    sentence: "Workloads, a Windows pod, one that opted out, and pods in namespaces that the policy excludes.",
    settings: "quickstart/policy.yaml",
    objects: "explain/objects.yaml",
  },
  {
    id: "templates",
    title: "Templates instead of pods",
    sentence: "With more rules, the policy changes the templates of workloads as well.",
    settings: "workloads/policy.yaml",
    objects: "workloads.yaml",
  },
];
