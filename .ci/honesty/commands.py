#!/usr/bin/env python3
"""Runs command lines of OpenStack's clients against a cloud of a clouds.yaml and prints what they answer.

    commands.py CLOUDS_YAML CLOUD FILE...

A line of a file is `openstack …`, `glance …` or `swift …`, quoted as a shell does; `name = ` before it keeps what it
prints. {name} stands for that, {run} for a name that is new in each run, {dir} for a folder. `write NAME TEXT` makes a
file in that folder. A line that starts with # is a comment. The clients run in this process: starting Python for each
command would take a minute of every two.

Ids, times, addresses and what differs from run to run are replaced, and what has no order is sorted, so that the
transcripts of two clouds can be compared. The exit code is 0 unless a file cannot be read: what a command fails with is part of the transcript.
"""

import contextlib
import io
import json
import logging
import os
import re
import secrets
import shlex
import sys
import tempfile
import warnings

import yaml


class Clients:
    """The clients, as functions from arguments to an exit code."""

    def __init__(self, auth, region):
        self.auth = auth
        self.region = region

    def openstack(self, argv):
        from openstackclient import shell

        return shell.OpenStackShell().run(argv)

    def glance(self, argv):
        from glanceclient import shell

        sys.argv = ["glance", *argv]
        shell.main()
        return 0

    def swift(self, argv):
        from swiftclient import shell

        shell.main(["swift", *argv])
        return 0

    def environment(self):
        """What glance and swift, which know no clouds.yaml, are told."""
        return {
            "OS_AUTH_URL": self.auth["auth_url"],
            "OS_USERNAME": self.auth["username"],
            "OS_PASSWORD": self.auth["password"],
            "OS_PROJECT_NAME": self.auth["project_name"],
            "OS_USER_DOMAIN_NAME": self.auth.get("user_domain_name", "Default"),
            "OS_PROJECT_DOMAIN_NAME": self.auth.get("project_domain_name", "Default"),
            "OS_REGION_NAME": self.region,
            "OS_IDENTITY_API_VERSION": "3",
            "OS_AUTH_VERSION": "3",
        }


def run(client, argv):
    """Runs a client and returns its exit code and what it printed."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            code = client(argv)
        except SystemExit as e:
            code = e.code
            if isinstance(code, str):
                print(code)
                code = 1
        except Exception as e:  # what a client does not catch ends its process
            print(f"{type(e).__name__}: {e}")
            code = 1
    for name in [None, *logging.root.manager.loggerDict]:
        logger = logging.getLogger(name)  # each command is a process to its client
        logger.handlers[:] = [h for h in logger.handlers if isinstance(h, logging.NullHandler)]
    return int(code or 0), out.buffer.getvalue().decode()


class Names:
    """What stands for what in the lines of a file, and in what is printed."""

    def __init__(self, folder, auth_url):
        self.values = {"run": "run" + secrets.token_hex(4), "dir": folder}
        self.address = re.sub(r"/v3/?$", "", auth_url)

    def expand(self, text):
        for name, value in self.values.items():
            text = text.replace("{" + name + "}", value)
        return text

    def hide(self, text):
        """Replaces what differs from run to run."""
        for name, value in sorted(self.values.items(), key=lambda kv: -len(kv[1])):
            if len(value) > 3:
                text = text.replace(value, "{" + name + "}")
        text = text.replace(self.address, "IDENTITY")
        for pattern, name in (
            (r"https?://[\w.-]+:\d+", "ADDRESS"),
            (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "UUID"),
            (r"(?<![0-9a-z])[0-9a-f]{32}\b", "ID"),
            (r"\btx[0-9a-f]{21}-[0-9a-f]{10}\b", "TRANSACTION"),
            (r"gAAAA[\w-]+=*", "TOKEN"),
            (r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:?00)?", "TIME"),
            (r"\w{3}, \d\d \w{3} 20\d\d \d\d:\d\d:\d\d GMT", "TIME"),
            (r"\b1[6-9]\d{8}\.\d{5,6}\b", "TIMESTAMP"),
            (r"\b\d+\.\d+ ?s\b|\b\d+\.\d+ MB/s", "DURATION"),
        ):
            text = re.sub(pattern, name, text)
        return re.sub(r"(Error for url: [^\s,]+, )(.*)", self.parts_in_order, text)

    @staticmethod
    def parts_in_order(match):
        """Sorts what openstacksdk takes from an error page, which it tells in the order of a set."""
        return match[1] + ": ".join(sorted(match[2].split(": ")))


def in_order(text, is_list):
    """Sorts the members of JSON and, of a list that nobody asked to be sorted, the rows. Columns lose their width."""
    try:
        value = json.loads(text)
    except ValueError:
        lines = [re.sub(r"-{2,}", "--", re.sub(r" {2,}", " ", line)) for line in text.split("\n")]
        if is_list:
            head = 3 if lines[0].startswith("+") else 1 if lines[0].startswith('"') else 0
            rows = [line for line in lines[head:] if not line.startswith("+-")]
            lines = lines[:head] + sorted(rows)
        return "\n".join(lines)
    if is_list and isinstance(value, list):
        value.sort(key=json.dumps)
    return json.dumps(value, indent=2, sort_keys=True)


def steps(path):
    """Yields the lines of a file: the name that is kept, or None, and the words."""
    with open(path, encoding="utf-8") as f:
        for line in f:
            line = line.strip()
            if line and not line.startswith("#"):
                name, command = re.fullmatch(r"(?:(\w+) = )?(.*)", line).groups()
                yield name, command


def main(clouds_yaml, cloud, *files):
    with open(clouds_yaml, encoding="utf-8") as f:
        entry = yaml.safe_load(f)["clouds"][cloud]
    clients = Clients(entry["auth"], entry.get("region_name", "RegionOne"))
    for key in [k for k in os.environ if k.startswith(("OS_", "ST_"))]:
        del os.environ[key]
    for_openstack = {"OS_CLIENT_CONFIG_FILE": os.path.abspath(clouds_yaml), "OS_CLOUD": cloud}
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ.update(COLUMNS="500", HOME=folder)  # clients keep caches at home
        for path in files:
            names = Names(folder, entry["auth"]["auth_url"])
            for keep, command in steps(path):
                words = shlex.split(names.expand(command))
                print("$", command)
                if words[0] == "write":
                    with open(os.path.join(folder, words[1]), "w", encoding="utf-8") as f:
                        f.write(words[2])
                    continue
                environment = for_openstack if words[0] == "openstack" else clients.environment()
                os.environ.update(environment)
                code, printed = run(getattr(clients, words[0]), words[1:])
                for key in environment:
                    del os.environ[key]
                if words[0] == "swift" and {"stat", "upload", "delete"} & set(words):
                    # In the order in which headers came, or in which what is done side by side was done.
                    printed = "\n".join(sorted(printed.splitlines()))
                if keep and code == 0:
                    names.values[keep] = printed.strip()
                is_list = "list" in words[:5] and "--sort" not in words
                print(in_order(names.hide(printed).rstrip(), is_list))
                print("exit", code, flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], *map(os.path.abspath, sys.argv[3:]))
