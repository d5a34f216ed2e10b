{{- define "statekeep.valkeyConfig" -}}
bind * -::*
port 6379
dir /data
appendonly yes
appendfsync {{ .Values.valkey.appendFsync }}
save ""
maxmemory {{ .Values.valkey.maxMemory }}
maxmemory-policy noeviction
include /etc/valkey-secret/auth.conf
{{- end -}}
