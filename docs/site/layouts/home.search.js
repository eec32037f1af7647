{{- /* Every section of every page, for assets/find.mjs. */ -}}
{{- $sections := slice -}}
{{- range slice site.Home | append site.RegularPages -}}
  {{- $page := partial "title.html" . -}}
  {{- $url := strings.TrimPrefix "/" .RelPermalink | default "index.html" -}}
  {{- range split (replaceRE `<h([1-3]) id=` "\x00<h$1 id=" .Content) "\x00" -}}
    {{- with index (findRESubmatch `(?s)^<h[1-3] id="([^"]+)">(.*?)(?: <a class="anchor".*?)?</h[1-3]>(.*)` .) 0 -}}
      {{- $text := trim (replaceRE `\s+` " " (htmlUnescape (plainify (index . 3)))) " " -}}
      {{- $title := htmlUnescape (plainify (index . 2)) -}}
      {{- $sections = $sections | append (dict "url" (print $url "#" (index . 1)) "page" $page "title" $title "text" $text) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
globalThis.searchIndex = {{ $sections | jsonify (dict "noHTMLEscape" true) }};
