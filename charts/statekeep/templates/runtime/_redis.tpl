{{/* Where the store is: the chart's own Valkey, or the one that the values name. A password is never in a manifest. */}}
{{- define "statekeep.redisEnv" -}}
{{- if .Values.valkey.enabled -}}
- name: REDIS_PASSWORD
  valueFrom:
    secretKeyRef: {name: {{ include "statekeep.secret.valkey" . }}, key: password, optional: true}
- name: STATEKEEP_REDIS_URL
  value: redis://:$(REDIS_PASSWORD)@{{ include "statekeep.fullname" . }}-valkey.{{ .Release.Namespace }}.svc:6379/0
{{- else if .Values.redis.url -}}
{{- with .Values.redis.existingSecret -}}
{{- if $.Values.redis.usernameKey -}}
- name: REDIS_USERNAME
  valueFrom:
    secretKeyRef: {name: {{ . }}, key: {{ $.Values.redis.usernameKey }}, optional: true}
{{ end -}}
- name: REDIS_PASSWORD
  valueFrom:
    secretKeyRef: {name: {{ . }}, key: {{ $.Values.redis.passwordKey }}, optional: true}
{{ end -}}
- name: STATEKEEP_REDIS_URL
  value: {{ .Values.redis.url | quote }}
{{- else -}}
- name: STATEKEEP_REDIS_URL
  valueFrom:
    secretKeyRef:
      name: {{ required "valkey.enabled is false: name the store by redis.url, or by redis.existingSecret with its address" .Values.redis.existingSecret }}
      key: {{ .Values.redis.urlKey }}
      optional: true
{{- end -}}
{{- end -}}
