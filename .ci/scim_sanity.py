"""Runs scim-sanity against a SCIM server and prints its score.

    python -P .ci/scim_sanity.py BASE_URL TOKEN strict|compat|unmodified

The tool adds a member to a group that nobody is, and calls a refusal a failure. This service refuses it: a vendor's
answer is what counts, and a membership that the vendor did not make is not reported as made. So the member that
nobody is stays outside, and a user who is made for it stands in. It also wants the group after a PATCH of its members,
which is a 204 here for who does not ask for attributes (RFC 7644 section 3.5.2 allows both), so it is made to ask.
Everything else is sent as the tool sends it. `unmodified` sends that as well, and expects these two failures and no other.

The last line is `N passed, M failed`; exit 0 only when no check failed, or those alone that are expected to.
"""

import collections
import json
import sys

from scim_sanity.http_client import SCIMClient
from scim_sanity.probe.runner import run_probe_api

NOBODY = "fake-member-id"
# All of a group but what the tool does not look at.
ASKS = "?excludedAttributes=externalId"

# What the tool as it is calls a failure: its message, and why it is none.
EXPECTED = {
    "PATCH /Groups/{id} add member": (
        "Expected 200, got 400", "it adds a member that nobody is; a refusal is the truth"),
    "PATCH /Groups/{id} remove members": (
        "Expected 200, got 204", "RFC 7644 section 3.5.2 allows a 204 to who asks for no attributes"),
}


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
    expected = EXPECTED if mode == "unmodified" else {}
    if not expected:
        stand_in(base_url, token)
    results = run_probe_api(base_url, token=token, strict=mode != "compat")["results"]
    counts = collections.Counter(result["status"].lower() for result in results)
    found = {}
    for result in results:
        # A warning leaves a SHOULD: allowed to others, a failure here.
        if result["status"].lower() not in ("pass", "skip"):
            found[result["name"]] = result.get("message")
            print(f"failed: {result['name']}: {result.get('message')}")
            if result["name"] in expected:
                print(f"        {expected[result['name']][1]}")
    failed = len(results) - counts["pass"] - counts["skip"]
    print(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    print(f"{counts['pass']} passed, {failed} failed")
    as_expected = found == {name: message for name, (message, _) in expected.items()}
    return 0 if as_expected and failed == len(expected) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
