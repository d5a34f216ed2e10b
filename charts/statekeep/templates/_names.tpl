{{- define "statekeep.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "statekeep.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "statekeep.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "statekeep.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What is cluster-wide has the namespace in its name, so that two releases of one name do not meet. */}}
{{- define "statekeep.clusterName" -}}
{{- printf "%s-%s" (include "statekeep.fullname" .) .Release.Namespace -}}
{{- end -}}

{{/* dict "root" $ "component" "runtime" */}}
{{- define "statekeep.selector" -}}
app.kubernetes.io/name: {{ include "statekeep.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "statekeep.labels" -}}
{{ include "statekeep.selector" . }}
app.kubernetes.io/part-of: statekeep
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Without versions: else a new chart alone would restart the store. */}}
{{- define "statekeep.podLabels" -}}
{{ include "statekeep.selector" . }}
app.kubernetes.io/part-of: statekeep
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "statekeep.secret.keyRing" -}}
{{- default (printf "%s-key-ring" (include "statekeep.fullname" .)) .Values.secrets.keyRing -}}
{{- end -}}

{{- define "statekeep.secret.api" -}}
{{- default (printf "%s-api" (include "statekeep.fullname" .)) .Values.secrets.api -}}
{{- end -}}

{{- define "statekeep.secret.valkey" -}}
{{- default (printf "%s-valkey" (include "statekeep.fullname" .)) .Values.valkey.existingSecret -}}
{{- end -}}

{{/* The Secrets that the Job is to make where they are not there: its arguments. */}}
{{- define "statekeep.secret.made" -}}
{{- if .Values.secrets.create -}}
{{- if not .Values.secrets.keyRing }}
- --key-ring={{ include "statekeep.secret.keyRing" . }}
{{- end }}
{{- if not .Values.secrets.api }}
- --api={{ include "statekeep.secret.api" . }}
{{- end }}
{{- if and .Values.valkey.enabled (not .Values.valkey.existingSecret) }}
- --valkey={{ include "statekeep.secret.valkey" . }}
{{- end }}
{{- end -}}
{{- end -}}

{{- define "statekeep.runtimeURL" -}}
{{- printf "http://%s-runtime.%s.svc:%v" (include "statekeep.fullname" .) .Release.Namespace .Values.runtime.service.port -}}
{{- end -}}
