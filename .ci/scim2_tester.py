"""Runs scim2-tester against a SCIM server and prints its score.

    python -P .ci/scim2_tester.py BASE_URL TOKEN [--rfc]

The server is what its discovery documents say; with `--rfc` it is what RFC 7643 says, to the last attribute of User,
EnterpriseUser and Group, with Okta's Role beside them: a search of everything finds roles too.

-P keeps this folder off the path: this file bears the name of the package it imports.

The last line is `N passed, M failed`; exit 0 only when no check failed, and Users and Groups were checked.
"""

import collections
import sys
from typing import Annotated

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import URN, EnterpriseUser, Group, Required, Resource, ResourceType, ScimProvider, User
from scim2_tester import Status, check_server

# A deviation leaves a SHOULD of the RFC: allowed to others, a failure here.
FAILED = {Status.ERROR, Status.CRITICAL, Status.DEVIATION}


class Role(Resource):
    __schema__ = URN("urn:okta:scim:schemas:core:1.0:Role")

    display_name: Annotated[str | None, Required.true] = None
    description: str | None = None


def by_the_rfc():
    kinds = [ResourceType.from_resource(model) for model in (User[EnterpriseUser], Group, Role)]
    return ScimProvider(models=[User, EnterpriseUser, Group, Role], resource_types=kinds)


def main(base_url, token, mode=None):
    http = Client(base_url=base_url, headers={"Authorization": f"Bearer {token}"}, timeout=20)
    results = check_server(SyncSCIMClient(http, provider=by_the_rfc() if mode == "--rfc" else None))

    failed = [result for result in results if result.status in FAILED]
    for result in failed:
        print(f"failed: {result.resource_type or '-'} {result.title}: {result.reason}")
        if result.data is not None:
            print(f"        {str(result.data)[:500]}")

    counts = collections.Counter(result.status.name.lower() for result in results)
    print(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    run = [result for result in results if result.status is not Status.SKIPPED]
    # Without its discovery documents the tester stops early and would call that success.
    checked = {result.resource_type for result in run}
    missing = [kind for kind in ("User", "Group") if kind not in checked]
    for kind in missing:
        print(f"failed: no check of {kind}s ran; are the discovery endpoints served?")

    print(f"{len(run) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed or missing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
