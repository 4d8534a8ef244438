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

{{- /* What the exporter reads. Behind a password or a client certificate a kubelet's probe shows neither. */ -}}
{{- define "exporter.config" -}}
{{- if not .Values.config.accounts }}{{ fail "config.accounts: no account to read; the README has an example" }}{{ end }}
{{- $config := deepCopy .Values.config }}
{{- if .Values.webConfig.existingSecret }}{{ $config = merge $config (dict "web" (dict "open_health" true)) }}{{ end }}
{{- toYaml $config }}
{{- end }}

{{- define "exporter.port" -}}
{{ required "config.web.listen_address: ends with a port" (regexFind "[0-9]+$" .Values.config.web.listen_address) }}
{{- end }}
