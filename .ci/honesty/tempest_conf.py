#!/usr/bin/env python3
"""Writes a tempest.conf of Python Tempest for a cloud of a clouds.yaml.

    tempest_conf.py CLOUDS_YAML CLOUD WORKSPACE >tempest.conf

The user of the cloud must be its administrator. What the identity, image and object-store services of Zed with
default settings can do is written down here; the tests of all else stay skipped.
"""

import sys

import yaml

TEMPLATE = """\
[oslo_concurrency]
lock_path = {workspace}/tempest_lock

[auth]
use_dynamic_credentials = true
admin_username = {username}
admin_password = {password}
admin_project_name = {project_name}
admin_domain_name = {user_domain_name}
tempest_roles = member

[identity]
auth_version = v3
uri_v3 = {auth_url}
region = {region}
v3_endpoint_type = public
default_domain_id = default

[identity-feature-enabled]
api_v2 = false
api_v2_admin = false
trust = true
application_credentials = true
access_rules = true
project_tags = true
domain_specific_drivers = false
forbid_global_implied_dsr = true

[service_available]
glance = true
swift = true
cinder = false
neutron = false
nova = false
horizon = false

[image]
build_timeout = 60
build_interval = 1
http_image = http://127.0.0.1:1/none
container_formats = bare,ami
disk_formats = raw,qcow2,ami

[image-feature-enabled]
api_v2 = true
import_image = true
os_glance_reserved = true
manage_locations = false
image_conversion = false

[object-storage]
operator_role = member
reseller_admin_role = ResellerAdmin

[object-storage-feature-enabled]
discoverability = true
container_sync = false
discoverable_apis = {apis}
"""

APIS = (
    "bulk_delete,bulk_upload,tempurl,formpost,staticweb,slo,dlo,account_quotas,container_quotas,"
    "versioned_writes,object_versioning,symlink,ratelimit"
)


def main(clouds_yaml, name, workspace):
    with open(clouds_yaml, encoding="utf-8") as f:
        cloud = yaml.safe_load(f)["clouds"][name]
    auth = cloud["auth"]
    url = auth["auth_url"].rstrip("/")
    print(
        TEMPLATE.format(
            workspace=workspace,
            auth_url=url if url.endswith("/v3") else url + "/v3",
            username=auth["username"],
            password=auth["password"],
            project_name=auth["project_name"],
            user_domain_name=auth.get("user_domain_name", "Default"),
            region=cloud.get("region_name", "RegionOne"),
            apis=APIS,
        ),
        end="",
    )


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
