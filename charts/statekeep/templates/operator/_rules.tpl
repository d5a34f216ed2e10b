{{/* What the operator may do with our kinds, and no more: operator/deploy/rbac.yaml, and a test that holds them equal. */}}
{{- define "statekeep.operatorRules" -}}
- apiGroups: [statekeep.dev]
  resources: [workflowdefinitions, changepoints]
  verbs: [list, watch]
- apiGroups: [statekeep.dev]
  resources: [workflowdefinitions/status, changepoints/status]
  verbs: [patch]
- apiGroups: [statekeep.dev]
  resources: [changepoints]
  verbs: [create, patch, delete]
- apiGroups: [""]
  resources: [events]
  verbs: [create]
{{- end -}}

{{/* Without rights in the cluster there is no webhook; and none without an operator. */}}
{{- define "statekeep.hasWebhook" -}}
{{- if and .Values.webhook.enabled .Values.operator.enabled (not .Values.watchNamespaces) -}}yes{{- end -}}
{{- end -}}

{{- define "statekeep.mountsWebhook" -}}
{{- if and (include "statekeep.hasWebhook" .) (eq .Values.webhook.certificate.source "certManager") -}}yes{{- end -}}
{{- end -}}
