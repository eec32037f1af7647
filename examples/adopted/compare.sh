#!/usr/bin/env bash
# Runs the adopted tests with plain `go test` and with `tempest run`, and wants
# the same verdict for each of them. The cloud is that of the OS_* variables;
# without OS_AUTH_URL it is the embedded cloud, served for the comparison.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
served=
trap '[ -z "$served" ] || { kill -INT "$served"; wait "$served" || true; }; rm -rf "$work"' EXIT

go build -C ../.. -o "$work/tempest" ./cmd/tempest

if [ -z "${OS_AUTH_URL:-}" ]; then
  mkfifo "$work/out"
  "$work/tempest" cloud --clouds-yaml "$work/clouds.yaml" >"$work/out" &
  served=$!
  exec 3<"$work/out"
  read -r first <&3
  export OS_AUTH_URL=${first##* } OS_USERNAME=admin OS_PROJECT_NAME=admin OS_REGION_NAME=RegionOne
  export OS_USER_DOMAIN_NAME=Default OS_PROJECT_DOMAIN_NAME=Default
  OS_PASSWORD=$(sed -n 's/.*password: "\(.*\)"/\1/p' "$work/clouds.yaml")
  export OS_PASSWORD
fi
unset OS_CLOUD
export OS_DOMAIN_NAME=${OS_DOMAIN_NAME:-${OS_USER_DOMAIN_NAME:-Default}} # what gophercloud's tests want, and
export OS_BRANCH=${OS_BRANCH:-stable/zed}                                # the release of the cloud

acceptance=github.com/gophercloud/gophercloud/v2/internal/acceptance/openstack
cp go.mod "$work/go.mod"
away=TestImageStage # it downloads from the Internet, which there may not be, or not always
go test -modfile="$work/go.mod" -mod=mod -count=1 -json -tags acceptance -skip "^$away\$" \
  "$acceptance"/{identity/v3,image/v2,objectstorage/v1} >"$work/plain.jsonl" || true
"$work/tempest" run -q --exclude-regex "\.$away\$" --json "$work/tempest.jsonl" >"$work/screen" || [ $? = 1 ] || { cat "$work/screen"; exit 1; }
# Exit code 1 says that tests failed, as they may in plain go test.

sed -nE 's/.*"Action":"(pass|fail|skip)","Package":"([^"]+)","Test":"([^"]+)".*/\2.\3 \1/p' "$work/plain.jsonl" |
  sort >"$work/plain"
sed -nE 's/.*"id":"([^"]+)","status":"(pass|fail|skip|lost|unplanned)[a-z]*".*/\1 \2/p' "$work/tempest.jsonl" |
  sed 's/skipp$/skip/' | sort >"$work/tempest.txt"
[ -s "$work/plain" ] || { echo "plain go test gave no result:"; cat "$work/plain.jsonl"; exit 1; }
diff "$work/plain" "$work/tempest.txt"
echo "$(wc -l <"$work/plain") tests of gophercloud have the verdicts of plain go test: $(cut -d' ' -f2 "$work/plain" | sort | uniq -c | xargs)"
