{{- define "http-proxy-policy.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* Gives each value that is null its default: Helm removes it. */}}
{{- define "http-proxy-policy.defaults" -}}
{{- $defaults := include "http-proxy-policy.valuesYaml" . | fromJson }}
{{- include "http-proxy-policy.complete" (dict "values" .Values "defaults" $defaults) }}
{{- end }}

{{- define "http-proxy-policy.complete" -}}
{{- range $name, $default := .defaults }}
{{- $value := index $.values $name }}
{{- if kindIs "invalid" $value }}
{{- $_ := set $.values $name $default }}
{{- else if kindIs "map" $default }}
{{- include "http-proxy-policy.complete" (dict "values" $value "defaults" $default) }}
{{- end }}
{{- end }}
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

{{/* The parts of an IP address, with - between them; of an IPv6 address, all eight. */}}
{{- define "http-proxy-policy.parts" -}}
{{- $halves := splitList "::" . }}
{{- $parts := first $halves | splitList ":" | compact }}
{{- if eq (len $halves) 2 }}
{{- $rest := last $halves | splitList ":" | compact }}
{{- range until (sub (sub 8 (len $parts)) (len $rest) | int) }}
{{- $parts = append $parts "0" }}
{{- end }}
{{- $parts = concat $parts $rest }}
{{- end }}
{{- regexReplaceAll "(^|-)0+([0-9a-f])" (join "-" $parts | replace "." "-") "${1}${2}" }}
{{- end }}

{{/* Whether Istio knows a host as a service of the cluster: surely NAME.NAMESPACE.svc and NAME.NAMESPACE.svc.DOMAIN. Without addresses, also
NAME, and NAME.NAMESPACE unless it ends like a name of the Internet. The command http-proxy service-entry decides by the same rules. */}}
{{- define "http-proxy-policy.isService" -}}
{{- $domain := .domain | default "cluster.local" | lower | trimSuffix "." }}
{{- if hasSuffix ".svc" (trimSuffix (printf ".%s" $domain) .name) -}}
true
{{- else if .addresses }}
{{- else if regexMatch "^[^.]+([.][^.]+)?$" .name }}
{{- if not (regexMatch "[.](..|app|arpa|biz|cloud|com|corp|dev|edu|example|gov|home|info|internal|intranet|lan|local|net|org|private|test)$" .name) -}}
true
{{- end }}
{{- end }}
{{- end }}
