{{/* Name of every object: `icelocator-operator` for the release `icelocator`. */}}
{{- define "operator.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if hasPrefix .Release.Name .Chart.Name -}}
{{- .Chart.Name -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "operator.fullname" .) -}}
{{- else -}}
{{- required "serviceAccount.name: name an existing ServiceAccount, or set serviceAccount.create" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* What selectors use; it never changes between versions. */}}
{{- define "operator.selectorLabels" -}}
app.kubernetes.io/name: icelocator-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "operator.labels" -}}
{{ include "operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: icelocator
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* The labels of every object with a user's own under them: (list root extra). Ours win. */}}
{{- define "operator.labelsWith" -}}
{{- toYaml (merge (include "operator.labels" (index . 0) | fromYaml) (index . 1)) -}}
{{- end -}}

{{- define "operator.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{/*
Whether an optional API is used: "true" or "". Called with (list root switch "group/version/Kind"); the switch is true,
false or "auto", which asks the cluster.
*/}}
{{- define "operator.enabled" -}}
{{- $root := index . 0 -}}
{{- $switch := index . 1 | toString -}}
{{- if or (eq $switch "true") (and (eq $switch "auto") ($root.Capabilities.APIVersions.Has (index . 2))) -}}
true
{{- end -}}
{{- end -}}

{{/* What the operator does to the resources that it serves. Each rule says why it is there. */}}
{{- define "operator.rules" -}}
# The resource, and its status.
- apiGroups: [icelocator.dev]
  resources: [icelocators]
  verbs: [get, list, watch]
- apiGroups: [icelocator.dev]
  resources: [icelocators/status]
  verbs: [patch]
# Owner references with blockOwnerDeletion want this where that admission check is on (OpenShift).
- apiGroups: [icelocator.dev]
  resources: [icelocators/finalizers]
  verbs: [update]
# The children. Those that every resource has are never deleted by the operator: they go with the resource.
- apiGroups: [""]
  resources: [serviceaccounts]
  verbs: [get, list, watch, create, patch]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch]
- apiGroups: [""]
  resources: [configmaps, services]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [apps]
  resources: [deployments]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [monitoring.coreos.com]
  resources: [alertmanagerconfigs, prometheusrules, servicemonitors]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [datadoghq.com]
  resources: [datadogdashboards, datadogmonitors]
  verbs: [get, list, watch, create, patch, delete]
# The key that seals session ids and the token for profiles are made here; whether the Secrets that a resource names exist
# and have the keys that it names is read here, and so is the token with which deploys are announced.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch, create, patch]
# What happened, for people.
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end -}}

{{/* Port of an http(s) URL: the one it names, else its scheme's. */}}
{{- define "operator.otlpPort" -}}
{{- $url := urlParse . -}}
{{- if regexMatch ":[0-9]+$" $url.host -}}
{{- regexFind "[0-9]+$" $url.host -}}
{{- else -}}
{{- ternary "443" "80" (eq $url.scheme "https") -}}
{{- end -}}
{{- end -}}
