"""Prints everything that exists in the three services, a thing a line, sorted.

Usage: inventory.py STATE DATABASE-USER

What the APIs list is not all that can be left behind: they do not show what
belongs to a project that is gone. So this reads what the services store: the
tables of Keystone and Glance, Glance's files, and Swift's databases of accounts
and containers. Not printed is what the services keep for themselves, and never
remove at once: LOGS and EXPIRING.
"""

import json
import os
import sqlite3
import subprocess
import sys

LOGS = {
    "keystone.revocation_event": "tokens that are no longer good",
    "glance.tasks": "imports that have ended; Glance removes them after two days, and nobody else can",
    "glance.task_info": "the same",
}
EXPIRING = ".expiring_objects"  # the account in which Swift notes when objects expire


def rows(state, user, database):
    """Yields (table, row) of a database of MariaDB; what is marked as deleted is gone."""
    def query(text):
        run = subprocess.run(["mariadb", "--no-defaults", "--user=" + user, "--socket=%s/mariadb/socket" % state,
                              "--batch", "--raw", "--skip-column-names", "-e", text],
                             check=True, capture_output=True, text=True)
        return run.stdout.splitlines()

    columns = {}
    for line in query("select table_name, column_name from information_schema.columns where table_schema = '%s'"
                      " order by table_name, ordinal_position" % database):
        table, column = line.split("\t")
        columns.setdefault(table, []).append(column)
    for table, names in sorted(columns.items()):
        if "%s.%s" % (database, table) in LOGS:
            continue
        fields = ", ".join("'%s', cast(`%s` as char)" % (n, n) for n in names)
        where = " where not deleted" if "deleted" in names else ""
        for line in query("select json_object(%s) from `%s`.`%s`%s" % (fields, database, table, where)):
            yield table, line


def containers_and_objects(disk):
    """Yields (kind, text) of Swift: databases lie on the disk by the hash of their name."""
    for kind in ("account", "container"):
        for folder, _, files in os.walk(os.path.join(disk, kind + "s")):
            for name in files:
                if name.endswith(".db"):
                    yield from read_database(kind, os.path.join(folder, name))


def read_database(kind, path):
    db = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    try:
        if kind == "account":
            account, = db.execute("select account from account_stat").fetchone()
            for name, in db.execute("select name from container where not deleted"):
                if account != EXPIRING:
                    yield "container", "%s/%s" % (account, name)
        else:
            account, container = db.execute("select account, container from container_info").fetchone()
            for name, in db.execute("select name from object where not deleted"):
                yield "expiry" if account == EXPIRING else "object", "%s/%s/%s" % (account, container, name)
    finally:
        db.close()


def main(state, user):
    lines = []
    for database in ("keystone", "glance"):
        lines += ["%s %s %s" % (database, table, row) for table, row in rows(state, user, database)]
    for folder, _, files in os.walk(os.path.join(state, "glance")):
        lines += ["glance file %s" % os.path.relpath(os.path.join(folder, f), state) for f in files]
    lines += ["swift %s %s" % (kind, json.dumps(text))
              for kind, text in containers_and_objects(os.path.join(state, "swift", "disk"))]
    print("\n".join(sorted(lines)))


main(*sys.argv[1:])
