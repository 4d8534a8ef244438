{{- define "exporter.name" -}}
{{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "exporter.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "exporter.selector" -}}
app.kubernetes.io/name: {{ include "exporter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "exporter.labels" -}}
{{ include "exporter.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "exporter.image" -}}
{{- with .Values.image }}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{- define "exporter.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "exporter.fullname" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{- /* The name of the Secret with credentials, empty where there is none. */ -}}
{{- define "exporter.secret" -}}
{{- with .Values.credentials }}
{{- if and .existingSecret .data }}{{ fail "credentials: give `existingSecret` or `data`, not both" }}{{ end }}
{{- if .existingSecret }}{{ .existingSecret }}{{ else if .data }}{{ include "exporter.fullname" $ }}{{ end }}
{{- end }}
{{- end }}

{{- /* The database's address, empty where a volume is what keeps the counts. */ -}}
{{- define "exporter.database" -}}
{{- if .Values.config.storage.url }}{{ fail "config.storage.url: say it as `storage.url`" }}{{ end }}
{{- .Values.storage.url }}
{{- end }}

{{- /* The Secret of the database, empty where there is none. */ -}}
{{- define "exporter.databaseSecret" -}}
{{- with .Values.storage }}
{{- if and .existingSecret (not .url) }}{{ fail "storage.existingSecret: there is no `storage.url` that it is for" }}{{ end }}
{{- .existingSecret }}
{{- end }}
{{- end }}

{{- define "exporter.replicas" -}}
{{- if and (gt (int .Values.replicas) 1) (not (include "exporter.database" .)) }}
{{- fail "replicas: more than one needs `storage.url`, a database that they share; a volume admits one process" }}
{{- end }}
{{- .Values.replicas }}
{{- end }}

{{- /* The ports of the database's hosts, as `5432 5433`. */ -}}
{{- define "exporter.databasePorts" -}}
{{- $hosts := include "exporter.database" . | regexFind "//[^/?]*" | trimPrefix "//" }}
{{- $ports := list }}
{{- range regexSplit "," (regexReplaceAll "^[^@]*@" $hosts "") -1 }}
{{- with . }}{{ $ports = append $ports (regexFind ":[0-9]+$" . | trimPrefix ":" | default "5432") }}{{ end }}
{{- end }}
{{- $ports | uniq | join " " }}
{{- end }}

{{- /* What the exporter reads. Behind a password or a client certificate a kubelet's probe shows neither. */ -}}
{{- define "exporter.config" -}}
{{- if not .Values.config.accounts }}{{ fail "config.accounts: no account to read; the README has an example" }}{{ end }}
{{- $config := deepCopy .Values.config }}
{{- if include "exporter.database" . }}
{{- $storage := dict "url" .Values.storage.url }}
{{- if include "exporter.databaseSecret" . }}
{{- with .Values.storage.passwordKey }}{{ $_ := set $storage "password_file" (printf "/run/secrets/smartassist-database/%s" .) }}{{ end }}
{{- with .Values.storage.caKey }}{{ $_ := set $storage "ca_file" (printf "/run/secrets/smartassist-database/%s" .) }}{{ end }}
{{- end }}
{{- $_ := set $config "storage" $storage }}
{{- end }}
{{- if .Values.webConfig.existingSecret }}{{ $config = merge $config (dict "web" (dict "open_health" true)) }}{{ end }}
{{- toYaml $config }}
{{- end }}

{{- define "exporter.port" -}}
{{ required "config.web.listen_address: ends with a port" (regexFind "[0-9]+$" .Values.config.web.listen_address) }}
{{- end }}
