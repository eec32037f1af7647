"""Gives Keystone what Glance and Swift need: users, roles and the catalogue.

Usage: register.py KEYSTONE-URL PASSWORD REGION GLANCE-URL SWIFT-URL

Needs Python's own library only. It can be run again: what exists is kept.
"""

import json
import sys
import urllib.error
import urllib.request


class Keystone:
    """The Identity API, seen by the administrator of the project admin."""

    def __init__(self, url, password):
        self.url = url
        self.headers = {"Content-Type": "application/json"}
        domain = {"name": "Default"}
        user = {"name": "admin", "password": password, "domain": domain}
        answer, _ = self.call("POST", "/auth/tokens", {"auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"name": "admin", "domain": domain}}}})
        self.headers["X-Auth-Token"] = answer.headers["X-Subject-Token"]

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, self.headers, method=method)
        # No proxy: the services are on loopback.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request) as answer:
                text = answer.read()
        except urllib.error.HTTPError as e:
            sys.exit("%s %s: %s %s" % (method, path, e, e.read().decode()))
        return answer, json.loads(text) if text else None

    def have(self, kind, wanted, *keys):
        """Returns the ID of a thing, which is made unless one has these keys."""
        for thing in self.call("GET", "/" + kind)[1][kind]:
            if all(thing[k] == wanted[k] for k in keys):
                return thing["id"]
        one = kind[:-1]
        return self.call("POST", "/" + kind, {one: wanted})[1][one]["id"]


def main(url, password, region, glance, swift):
    keystone = Keystone(url, password)
    project = keystone.have("projects", {"name": "service", "domain_id": "default"}, "name")
    roles = {name: keystone.have("roles", {"name": name}, "name")
             for name in ("admin", "service", "ResellerAdmin", "swiftoperator")}
    for name, kind, endpoint in (("glance", "image", glance), ("swift", "object-store", swift)):
        user = keystone.have("users", {"name": name, "domain_id": "default", "password": password}, "name")
        for role in ("admin", "service"):
            keystone.call("PUT", "/projects/%s/users/%s/roles/%s" % (project, user, roles[role]))
        service = keystone.have("services", {"name": name, "type": kind}, "type")
        for interface in ("public", "internal", "admin"):
            keystone.have("endpoints", {"service_id": service, "interface": interface, "region_id": region,
                                        "url": endpoint}, "service_id", "interface")


main(*sys.argv[1:])
