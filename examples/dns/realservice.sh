#!/bin/bash
# A real Designate (Debian's packages) on loopback, without systemd, beside a running Keystone, MariaDB and RabbitMQ.
#   realservice.sh install   install the Debian packages (root, apt)
#   realservice.sh start     write the configuration, create the database (first time), register, start
#   realservice.sh stop      end what `start` started, by PID; the state stays
#   realservice.sh status    one line a process; exit 1 if one is down
#   realservice.sh wipe      stop, then remove registration, database, configuration and logs
#
# The cloud is the one that $ROOT/clouds.yaml calls $CLOUD; its admin registers the service. Designate's own mini DNS
# server (mdns) is the one nameserver: zones and records are PENDING until it answers for them, as on any cloud.
set -euo pipefail

ROOT=${ROOT:-$HOME/.cache/realcloud} CLOUD=${CLOUD:-realcloud}
HOST=127.0.0.1 PORT=${PORT:-9001} DNSPORT=${DNSPORT:-5354} REGION=${REGION:-RegionOne} PASS=${PASS:-secret}
OWN=$ROOT/designate
SOCKET=$ROOT/state/mysql/sock
CONF=$OWN/designate.conf
PARTS="central mdns worker producer api"
# Only the system's Python: another one earlier in PATH misleads "python3".
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
unset PYTHONDONTWRITEBYTECODE PYTHONUNBUFFERED PYTHONPATH PYTHONHOME || true

PACKAGES="designate-api designate-central designate-mdns designate-worker designate-producer python3-openstacksdk curl"

say() { printf '%s %s\n' "$(date +%T)" "$*"; }
die() { say "$*" >&2; exit 1; }
sql() { mariadb --no-defaults -u root -S "$SOCKET" "$@"; }

do_install() {
  local made=0
  export DEBIAN_FRONTEND=noninteractive
  if [ ! -e /usr/sbin/policy-rc.d ]; then # no postinst may start a service
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
    made=1
  fi
  # shellcheck disable=SC2086
  apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold $PACKAGES || made=$((made + 2))
  case $made in 1 | 3) rm -f /usr/sbin/policy-rc.d ;; esac
  [ $made -lt 2 ] || die "apt-get install failed"
}

# ---------------------------------------------------------------- configuration
configure() {
  mkdir -p "$OWN/state" "$OWN/lock" "$OWN/pid"
  chmod 700 "$OWN"
  cp -f /etc/designate/api-paste.ini "$OWN/api-paste.ini"
  cat >"$CONF" <<E
[DEFAULT]
transport_url = rabbit://guest:guest@$HOST:5672/
state_path = $OWN/state
use_stderr = true
[oslo_concurrency]
lock_path = $OWN/lock
[oslo_policy]
enforce_scope = true
enforce_new_defaults = true
policy_file = $OWN/policy.yaml
[storage:sqlalchemy]
connection = mysql+pymysql://root@localhost/designate?unix_socket=$SOCKET&charset=utf8
[keystone_authtoken]
www_authenticate_uri = http://$HOST:5000
auth_url = http://$HOST:5000
memcached_servers = $HOST:11211
auth_type = password
project_domain_name = Default
user_domain_name = Default
project_name = service
username = designate
password = $PASS
region_name = $REGION
[service:api]
listen = $HOST:$PORT
api_paste_config = $OWN/api-paste.ini
auth_strategy = keystone
enable_api_v2 = true
enable_host_header = true
enabled_extensions_v2 = quotas
quotas_verify_project_id = false
workers = 1
[service:central]
workers = 1
managed_resource_email = hostmaster@example.org
[service:mdns]
listen = $HOST:$DNSPORT
workers = 1
[service:worker]
workers = 1
poll_delay = 1
poll_retry_interval = 1
[service:producer]
workers = 1
E
  cat >"$OWN/pools.yaml" <<E
- name: default
  description: the mini DNS server of Designate itself
  attributes: {}
  ns_records:
    - {hostname: ns1.example.org., priority: 1}
  nameservers:
    - {host: $HOST, port: $DNSPORT}
  targets:
    - type: fake
      description: nothing is sent anywhere
      masters:
        - {host: $HOST, port: $DNSPORT}
      options: {host: $HOST, port: $DNSPORT}
E
}

manage() { timeout "$1" /usr/bin/designate-manage --config-file "$CONF" "${@:2}" >>"$OWN/setup.log" 2>&1; }

create() {
  [ ! -e "$OWN/created" ] || return 0
  say "creating the database"
  sql -e 'create database if not exists designate character set utf8 collate utf8_general_ci'
  manage 120 database sync || die "the database could not be made ($OWN/setup.log)"
}

catalogue() { # catalogue register|unregister
  say "$1 service, endpoints and user"
  DO=$1 URL=http://$HOST:$PORT PASS=$PASS REGION=$REGION CLOUD=$CLOUD \
    OS_CLIENT_CONFIG_FILE=$ROOT/clouds.yaml /usr/bin/python3 - >>"$OWN/setup.log" 2>&1 <<'E' ||
import os, openstack
env = os.environ
k = openstack.connect(cloud=env["CLOUD"]).identity
if env["DO"] == "register":
    role = k.find_role("service") or k.create_role(name="service")
    project = k.find_project("service") or k.create_project(name="service", domain_id="default")
    user = k.find_user("designate") or k.create_user(
        name="designate", domain_id="default", password=env["PASS"], default_project_id=project.id)
    for r in (k.find_role("admin"), role):
        k.assign_project_role_to_user(project, user, r)
    s = next((x for x in k.services() if x.type == "dns"), None)
    s = s or k.create_service(name="designate", type="dns")
    have = {e.interface for e in k.endpoints(service_id=s.id)}
    for i in {"public", "internal", "admin"} - have:
        k.create_endpoint(service_id=s.id, interface=i, region_id=env["REGION"], url=env["URL"])
else:
    for s in k.services():
        if s.type == "dns":
            k.delete_service(s)
    user = k.find_user("designate")
    if user:
        k.delete_user(user)
E
    die "the catalogue could not be changed ($OWN/setup.log)"
}

# ---------------------------------------------------------------- processes
alive() { [ -s "$OWN/pid/$1" ] && kill -0 "$(cat "$OWN/pid/$1")" 2>/dev/null; }
up() { curl -s -o /dev/null --noproxy '*' --max-time 5 "http://$HOST:$PORT/"; }

launch() { # in its own session, so that the PID is the group's too
  alive "$1" && return 0
  HOME=$OWN setsid nohup "/usr/bin/designate-$1" --config-file "$CONF" >>"$OWN/$1.log" 2>&1 </dev/null &
  echo $! >"$OWN/pid/$1"
}

do_start() {
  [ -S "$SOCKET" ] || die "there is no MariaDB at $SOCKET"
  configure
  create
  catalogue register
  launch central
  local i
  for i in $(seq 1 10); do # through central, which is not there at once; a call that came too early is never answered
    sleep 2
    manage 15 pool update --file "$OWN/pools.yaml" && break
    [ "$i" -lt 10 ] || die "the pool could not be made ($OWN/setup.log)"
  done
  touch "$OWN/created"
  local p
  for p in $PARTS; do launch "$p"; done
  for i in $(seq 1 150); do
    if up; then
      say "started on http://$HOST:$PORT, nameserver $HOST:$DNSPORT"
      return 0
    fi
    alive api || break
    sleep 0.2
  done
  do_stop
  die "designate did not start ($OWN/api.log)"
}

do_stop() { # TERM to each group, then KILL to what is left after 20 s
  local p pid
  for p in $PARTS; do
    [ ! -s "$OWN/pid/$p" ] || kill -TERM -- "-$(cat "$OWN/pid/$p")" 2>/dev/null || true
  done
  for p in $PARTS; do
    [ -s "$OWN/pid/$p" ] || continue
    pid=$(cat "$OWN/pid/$p")
    for _ in $(seq 1 100); do
      kill -0 -- "-$pid" 2>/dev/null || break
      sleep 0.2
    done
    kill -KILL -- "-$pid" 2>/dev/null || true
    rm -f "$OWN/pid/$p"
  done
  say "stopped designate"
}

do_status() {
  local p bad=0
  for p in $PARTS; do
    if alive "$p"; then say "ok   $p"; else say "DOWN $p"; bad=1; fi
  done
  up || { say "DOWN http://$HOST:$PORT"; bad=1; }
  return $bad
}

do_wipe() {
  [ -d "$OWN" ] || return 0
  do_stop
  catalogue unregister
  [ ! -S "$SOCKET" ] || sql -e 'drop database if exists designate'
  rm -rf "$OWN"
}

case ${1:-} in
  install) do_install ;;
  start) do_start ;;
  stop) do_stop ;;
  status) do_status ;;
  wipe) do_wipe ;;
  *) sed -n '2,10p' "$0"; exit 2 ;;
esac
