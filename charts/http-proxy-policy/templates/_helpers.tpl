{{- define "http-proxy-policy.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* What Kubewarden shows, and copies into reports. */}}
{{- define "http-proxy-policy.annotations" -}}
io.kubewarden.policy.severity: medium
io.kubewarden.policy.category: Resource validation
{{- end }}

{{/* Stops with a message where the values cannot work. The policy server checks the settings themselves. */}}
{{- define "http-proxy-policy.check" -}}
{{- if not .Values.settings }}
{{- fail "settings: no proxy and no CA is set; set settings.httpProxy, for example --set settings.httpProxy=http://proxy.example.com:3128/" }}
{{- end }}
{{- if eq (toString .Values.settings.mode) "Report" }}
{{- fail "settings.mode: a policy that reports gives pods no proxy; remove mode, and set report.enabled: true for a second policy that reports" }}
{{- end }}
{{- end }}

{{- define "http-proxy-policy.module" -}}
{{- $registry := .Values.module.registry | default .Values.global.cattle.systemDefaultRegistry }}
{{- if not $registry }}
{{- fail "module.registry: is empty, and so is global.cattle.systemDefaultRegistry; set module.registry, for example ghcr.io" }}
{{- end }}
{{- $version := printf ":%s" .Values.module.tag }}
{{- with .Values.module.digest }}{{ $version = printf "@%s" . }}{{ end }}
{{- printf "%s/%s%s" (trimSuffix "/" $registry) .Values.module.repository $version }}
{{- end }}

{{/* A label selector as matchExpressions, because some versions of Kubewarden's controller drop matchLabels. */}}
{{- define "http-proxy-policy.selector" -}}
matchExpressions:
{{- range $key, $value := .matchLabels }}
  - {key: {{ $key | quote }}, operator: In, values: [{{ $value | quote }}]}
{{- end }}
{{- with .matchExpressions }}
{{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "http-proxy-policy.namespaceSelector" -}}
{{- if .Values.namespaceSelector }}
{{- include "http-proxy-policy.selector" .Values.namespaceSelector }}
{{- else if eq .Values.namespaces.mode "OptIn" -}}
matchExpressions:
  - {key: http-proxy.kubewarden.io/inject, operator: In, values: ["true"]}
{{- else -}}
matchExpressions:
{{- with .Values.namespaces.excluded }}
  - {key: kubernetes.io/metadata.name, operator: NotIn, values: {{ toJson . }}}
{{- end }}
  - {key: http-proxy.kubewarden.io/inject, operator: NotIn, values: ["false"]}
{{- end }}
{{- end }}
