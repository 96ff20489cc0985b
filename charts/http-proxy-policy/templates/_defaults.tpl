{{/* Generated from values.yaml; make chart updates it. */}}
{{- define "http-proxy-policy.valuesYaml" -}}
{"failurePolicy":"","global":{"cattle":{"systemDefaultRegistry":"ghcr.io"}},"module":{"digest":"","registry":"","repository":"http-proxy-policy/http-proxy-policy","tag":"v0.1.0"},"name":"http-proxy","namespaceSelector":{},"namespaces":{"excluded":["kube-system","kube-public","kube-node-lease","calico-system","tigera-operator","gatekeeper-system"],"mode":"OptIn"},"objectSelector":{},"policyServer":"","report":{"enabled":false},"serviceEntries":{"addresses":{},"enabled":false,"namespace":"istio-system"},"settings":{},"test":{"image":"docker.io/library/busybox:1.37"}}
{{- end }}
