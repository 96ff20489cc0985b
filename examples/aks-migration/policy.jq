# Makes a policy of what `az aks show --query httpProxyConfig` prints.
{
  apiVersion: "policies.kubewarden.io/v1",
  kind: "ClusterAdmissionPolicy",
  metadata: {name: "http-proxy"},
  spec: {
    module: "ghcr.io/http-proxy-policy/http-proxy-policy:v0.1.0",
    mutating: true,
    backgroundAudit: false,
    rules: [
      {apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], operations: ["CREATE"]},
      {apiGroups: [""], apiVersions: ["v1"], resources: ["pods/ephemeralcontainers"], operations: ["UPDATE"]}
    ],
    namespaceSelector: {
      matchExpressions: [
        {
          key: "kubernetes.io/metadata.name",
          operator: "NotIn",
          values: ["kube-system", "kube-public", "kube-node-lease", "gatekeeper-system", "calico-system", "tigera-operator"]
        },
        {key: "http-proxy.kubewarden.io/inject", operator: "NotIn", values: ["false"]}
      ]
    },
    # The effective list is what pods have today: the configured one, and what AKS adds. It may be missing or empty.
    settings: (
      (.effectiveNoProxy // []) as $effective
      | {httpProxy, httpsProxy, noProxy: ($effective + ((.noProxy // []) - $effective)), trustedCa}
      | with_entries(select(.value != null))
    )
  }
}
