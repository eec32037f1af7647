# What the comparisons share; to be sourced. It serves the embedded cloud until the script ends, and knows the clouds.
#
# TEMPEST names the binary that serves it; without it, it is built. Sets $work (a folder that goes when the script
# ends), $clouds ("embedded", and before it the name of the cloud of OS_CLOUD when there is one) and ${file[CLOUD]},
# the clouds.yaml of each.

work=$(mktemp -d)
served=
trap '[ -z "$served" ] || { kill -INT "$served"; wait "$served" || true; }; rm -rf "$work"' EXIT

# real_clouds_yaml prints the path of the clouds.yaml that knows OS_CLOUD.
real_clouds_yaml() {
  local path
  for path in "${OS_CLIENT_CONFIG_FILE:-}" clouds.yaml "${XDG_CONFIG_HOME:-$HOME/.config}/openstack/clouds.yaml" \
    /etc/openstack/clouds.yaml; do
    [ -z "$path" ] || [ ! -f "$path" ] || { realpath "$path"; return; }
  done
  echo "no clouds.yaml for OS_CLOUD=$OS_CLOUD" >&2
  return 1
}

if [ -n "${TEMPEST:-}" ]; then
  cp "$TEMPEST" "$work/tempest"
else
  go build -C "$(dirname "$0")/../.." -o "$work/tempest" ./cmd/tempest
fi

declare -A file
clouds=()
if [ -n "${OS_CLOUD:-}" ]; then
  clouds+=("$OS_CLOUD")
  file[$OS_CLOUD]=$(real_clouds_yaml)
fi
unset OS_CLOUD OS_CLIENT_CONFIG_FILE

mkfifo "$work/said"
"$work/tempest" cloud --clouds-yaml "$work/embedded.yaml" >"$work/said" &
served=$!
exec 3<"$work/said"
read -r _ <&3 # it serves now
clouds+=(embedded)
file[embedded]=$work/embedded.yaml

# compare NAME [REGEX] compares what was found, $folder/CLOUD.NAME: on both clouds, or, when the embedded one is alone,
# with recorded/NAME, of which REGEX may select lines. With $record what the real cloud gave becomes the record.
compare() {
  local name=$1 recorded
  recorded=$(dirname "$0")/recorded/$name
  if [ "${#clouds[@]}" = 2 ]; then
    [ -z "$record" ] || cp "$folder/${clouds[0]}.$name" "$recorded"
    diff -u --label "${clouds[0]}" --label embedded "$folder/${clouds[0]}.$name" "$folder/embedded.$name"
    return
  fi
  grep -E "${2:-}" "$recorded" | diff -u --label recorded --label embedded - "$folder/embedded.$name"
}
