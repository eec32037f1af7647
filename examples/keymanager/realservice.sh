#!/bin/bash
# A real Barbican (Debian's barbican-api) on loopback, without systemd, beside a running Keystone.
#   realservice.sh install   install the Debian packages (root, apt)
#   realservice.sh start     write the configuration, create the database (first time), register, start
#   realservice.sh stop      end what `start` started, by PID; the state stays
#   realservice.sh status    one line; exit 1 if it is down
#   realservice.sh wipe      stop, then remove registration, database, configuration and logs
#
# The cloud is the one that $ROOT/clouds.yaml calls $CLOUD; its admin registers the service.
# POLICY=new (default) enforces Barbican's new default policies: role member is enough.
# POLICY=legacy leaves Zed's own default: a member needs the role creator as well
# ([identity] extra_roles in tempest.toml). Changing POLICY needs stop and start.
set -euo pipefail

ROOT=${ROOT:-$HOME/.cache/realcloud} CLOUD=${CLOUD:-realcloud} POLICY=${POLICY:-new}
HOST=127.0.0.1 PORT=${PORT:-9311} REGION=${REGION:-RegionOne} PASS=${PASS:-secret}
OWN=$ROOT/barbican
SOCKET=$ROOT/state/mysql/sock
# Only the system's Python: another one earlier in PATH misleads uwsgi and "python3".
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
unset PYTHONDONTWRITEBYTECODE PYTHONUNBUFFERED PYTHONPATH PYTHONHOME || true

PACKAGES="barbican-api python3-barbican uwsgi-core uwsgi-plugin-python3 python3-openstacksdk curl"

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
db_url() { # the cloud's MariaDB where it runs, else SQLite
  if [ -S "$SOCKET" ]; then
    echo "mysql+pymysql://root@localhost/barbican?unix_socket=$SOCKET&charset=utf8"
  else
    echo "sqlite:///$OWN/barbican.sqlite"
  fi
}

configure() {
  local new=true
  case $POLICY in new) ;; legacy) new=false ;; *) die "POLICY is $POLICY, want new or legacy" ;; esac
  # Barbican finds its file by HOME alone: ~/.barbican/barbican.conf comes before /etc/barbican.
  mkdir -p "$OWN/.barbican"
  chmod 700 "$OWN"
  [ -s "$OWN/kek" ] || head -c 32 /dev/urandom | base64 >"$OWN/kek"
  cat >"$OWN/.barbican/barbican.conf" <<E
[DEFAULT]
host_href = http://$HOST:$PORT
sql_connection = $(db_url)
db_auto_create = false
use_stderr = true
[oslo_policy]
enforce_scope = $new
enforce_new_defaults = $new
policy_file = $OWN/policy.yaml
[secretstore]
enabled_secretstore_plugins = store_crypto
[crypto]
enabled_crypto_plugins = simple_crypto
[simple_crypto_plugin]
kek = $(cat "$OWN/kek")
[keystone_authtoken]
www_authenticate_uri = http://$HOST:5000
auth_url = http://$HOST:5000
memcached_servers = $HOST:11211
auth_type = password
project_domain_name = Default
user_domain_name = Default
project_name = service
username = barbican
password = $PASS
service_token_roles = service
service_token_roles_required = true
region_name = $REGION
E
  cp -f /usr/share/barbican-common/barbican-api-paste.ini "$OWN/paste.ini"
  cat >"$OWN/wsgi.py" <<E
from paste import deploy
application = deploy.loadapp("config:$OWN/paste.ini")
E
}

create() {
  [ ! -e "$OWN/created" ] || return 0
  say "creating the database"
  [ ! -S "$SOCKET" ] || sql -e 'create database if not exists barbican'
  HOME=$OWN /usr/bin/barbican-db-manage -d "$(db_url)" upgrade >>"$OWN/setup.log" 2>&1 ||
    die "barbican-db-manage failed ($OWN/setup.log)"
  touch "$OWN/created"
}

catalogue() { # catalogue register|unregister
  say "$1 service, endpoints, user and roles"
  DO=$1 URL=http://$HOST:$PORT PASS=$PASS REGION=$REGION CLOUD=$CLOUD \
    OS_CLIENT_CONFIG_FILE=$ROOT/clouds.yaml /usr/bin/python3 - >>"$OWN/setup.log" 2>&1 <<'E' ||
import os, openstack
env = os.environ
k = openstack.connect(cloud=env["CLOUD"]).identity
ROLES = ("creator", "observer", "audit", "key-manager:service-admin")
if env["DO"] == "register":
    made = {n: k.find_role(n) or k.create_role(name=n) for n in ROLES + ("service",)}
    project = k.find_project("service") or k.create_project(name="service", domain_id="default")
    user = k.find_user("barbican") or k.create_user(
        name="barbican", domain_id="default", password=env["PASS"], default_project_id=project.id)
    for role in (k.find_role("admin"), made["service"]):
        k.assign_project_role_to_user(project, user, role)
    s = next((x for x in k.services() if x.type == "key-manager"), None)
    s = s or k.create_service(name="barbican", type="key-manager")
    have = {e.interface for e in k.endpoints(service_id=s.id)}
    for i in {"public", "internal", "admin"} - have:
        k.create_endpoint(service_id=s.id, interface=i, region_id=env["REGION"], url=env["URL"])
else:
    for s in k.services():
        if s.type == "key-manager":
            k.delete_service(s)
    for find, delete, names in ((k.find_user, k.delete_user, ("barbican",)), (k.find_role, k.delete_role, ROLES)):
        for n in names:
            x = find(n)
            if x:
                delete(x)
E
    die "the catalogue could not be changed ($OWN/setup.log)"
}

# ---------------------------------------------------------------- process
alive() { [ -s "$OWN/pid" ] && kill -0 "$(cat "$OWN/pid")" 2>/dev/null; }
up() { curl -s -o /dev/null --noproxy '*' --max-time 5 "http://$HOST:$PORT/"; }

do_start() {
  if alive; then
    say "already running (pid $(cat "$OWN/pid"))"
    return 0
  fi
  configure
  create
  catalogue register
  # Its own session, so that the PID is the group's too. SQLite bears one writer only.
  local n=2 i
  [ -S "$SOCKET" ] || n=1
  HOME=$OWN setsid nohup uwsgi --plugins-dir /usr/lib/uwsgi/plugins --plugin python3 \
    --http-socket "$HOST:$PORT" --wsgi-file "$OWN/wsgi.py" --master --processes "$n" --threads 1 \
    --lazy-apps --die-on-term --enable-threads --buffer-size 65535 --post-buffering 65536 --listen 128 \
    --add-header "Connection: close" --procname-prefix "barbican " >>"$OWN/log" 2>&1 </dev/null &
  echo $! >"$OWN/pid"
  for i in $(seq 1 150); do
    if up; then
      say "started on http://$HOST:$PORT (POLICY=$POLICY)"
      return 0
    fi
    alive || break
    sleep 0.2
  done
  do_stop
  die "barbican did not start ($OWN/log)"
}

do_stop() { # TERM to the group, then KILL to what is left after 20 s
  [ -s "$OWN/pid" ] || return 0
  local pid i
  pid=$(cat "$OWN/pid")
  kill -TERM -- "-$pid" 2>/dev/null || true
  for i in $(seq 1 100); do
    kill -0 -- "-$pid" 2>/dev/null || break
    sleep 0.2
  done
  kill -KILL -- "-$pid" 2>/dev/null || true
  rm -f "$OWN/pid"
  say "stopped barbican"
}

do_wipe() {
  do_stop
  [ -d "$OWN" ] || return 0
  catalogue unregister
  [ ! -S "$SOCKET" ] || sql -e 'drop database if exists barbican'
  rm -rf "$OWN"
}

case ${1:-} in
  install) do_install ;;
  start) do_start ;;
  stop) do_stop ;;
  status) if alive && up; then say "ok   barbican http://$HOST:$PORT"; else say "DOWN barbican"; exit 1; fi ;;
  wipe) do_wipe ;;
  *) sed -n '2,12p' "$0"; exit 2 ;;
esac
