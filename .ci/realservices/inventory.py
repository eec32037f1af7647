"""Prints everything that exists in the three services, a thing a line, sorted.

Usage: inventory.py STATE DATABASE-USER

What the APIs list is not all that can be left behind: they do not show what
belongs to a project that is gone. So this reads what the services store: the
tables of Keystone and Glance, and Swift's databases of containers. Not printed
is what the services note for themselves; NOTES says what.
"""

import json
import os
import subprocess
import sys

from swift.container.backend import ContainerBroker

NOTES = {
    "keystone.revocation_event": "tokens that are no longer good",
    "keystone.trust_role": "stays with a trust that is marked as deleted",
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
        if "%s.%s" % (database, table) in NOTES:
            continue
        fields = ", ".join("'%s', cast(`%s` as char)" % (n, n) for n in names)
        where = " where deleted_at is null" if "deleted_at" in names else ""
        for line in query("select json_object(%s) from `%s`.`%s`%s" % (fields, database, table, where)):
            yield table, line


def containers(disk):
    """Yields (account, container, objects) of Swift, from the databases of its containers.

    That of an account may be behind: it is told of a container later when it was busy.
    """
    for folder, _, files in os.walk(os.path.join(disk, "containers")):
        for name in files:
            if name.endswith(".db"):
                # Swift's own reader: changes may still lie in a file beside the database.
                broker = ContainerBroker(os.path.join(folder, name))
                info = broker.get_info()
                if info["account"] != EXPIRING and not broker.is_deleted():
                    objects = [row[0] for row in broker.list_objects_iter(10000, "", "", "", "")]
                    yield info["account"], info["container"], objects


def main(state, user):
    lines = []
    for database in ("keystone", "glance"):
        lines += ["%s %s %s" % (database, table, row) for table, row in rows(state, user, database)]
    for account, container, objects in containers(os.path.join(state, "swift", "disk")):
        lines.append("swift container %s/%s" % (account, json.dumps(container)))
        lines += ["swift object %s/%s" % (account, json.dumps(container + "/" + o)) for o in objects]
    print("\n".join(sorted(lines)))


main(*sys.argv[1:])
