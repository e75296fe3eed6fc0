#!/usr/bin/env bash
# Builds the image from the static binary and runs it as a cluster would: read-only, without
# capabilities, as nobody, with little memory. Installs podman and buildah where they are missing
# (Debian, as root).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly target=x86_64-unknown-linux-gnu
readonly work=$PWD/target/image
readonly image=localhost/scimshim:test

fail() {
    printf 'test-image: %s\n' "$*" >&2
    exit 1
}

if ! command -v podman >/dev/null || ! command -v buildah >/dev/null || ! command -v runc >/dev/null; then
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends podman buildah runc containernetworking-plugins \
        catatonit uidmap fuse-overlayfs ca-certificates >/dev/null
fi

RUSTFLAGS='-C target-feature=+crt-static --cfg getrandom_backend="linux_getrandom"' \
    cargo build --release --target $target
rm -rf "$work"
mkdir -p "$work/context" "$work/config/mappings"
cp target/$target/release/scimshim deploy/Dockerfile "$work/context/"
cp /etc/ssl/certs/ca-certificates.crt "$work/context/"
file=$(ldd "$work/context/scimshim" 2>&1 || true)
[[ $file == *"statically linked"* || $file == *"not a dynamic executable"* ]] || fail "not static: $file"

# runc, and limits that a build machine without privileges can set.
cat >"$work/containers.conf" <<'C'
[containers]
default_ulimits = ["nofile=20000:20000","nproc=1024:1024"]
netns = "host"
[engine]
runtime = "runc"
C
export CONTAINERS_CONF=$work/containers.conf
storage=(--root "$work/storage" --runroot "$work/run")
buildah "${storage[@]}" bud --isolation chroot -t "$image" "$work/context" >/dev/null

# A configuration with a token of its own, over a vendor that is not there: the gateway must start,
# say that it is ready, and tell a client the truth.
cp mappings/acall.yaml "$work/config/mappings/"
token=$("$work/context/scimshim" token new | head -n 1)
hash=$("$work/context/scimshim" token hash "$token")
cat >"$work/config/scimshim.yaml" <<C
server: { listen: "127.0.0.1:18443" }
admin: { listen: "127.0.0.1:19093" }
log: { format: json }
tenants:
  acme:
    mapping: mappings/acall.yaml
    vars: { token: { env: ACALL_TOKEN } }
    clients:
      okta:
        bearer:
          $hash
C
podman "${storage[@]}" run --detach --name scimshim --read-only --cap-drop=all \
    --security-opt no-new-privileges --memory 64m --env ACALL_TOKEN=t0ken \
    --volume "$work/config:/etc/scimshim:ro" "$image" >/dev/null
trap 'podman "${storage[@]}" rm --force scimshim >/dev/null 2>&1 || true' EXIT

ready() {
    podman "${storage[@]}" exec scimshim /scimshim health --url http://127.0.0.1:19093/readyz
}
for _ in $(seq 100); do
    if ready >/dev/null 2>&1; then break; fi
    sleep 0.1
done
ready || { podman "${storage[@]}" logs scimshim; fail 'it never became ready'; }

ask() {
    curl --silent --output /dev/null --write-out '%{http_code}' "$@"
}
types=http://127.0.0.1:18443/scim/v2/ResourceTypes
status=$(ask -H "Authorization: Bearer $token" "$types")
[[ $status == 200 ]] || fail "with its token: expected 200, found $status"
status=$(ask -H 'Authorization: Bearer wrong' "$types")
[[ $status == 401 ]] || fail "with another token: expected 401, found $status"

podman "${storage[@]}" stop --time 10 scimshim >/dev/null
code=$(podman "${storage[@]}" inspect --format '{{.State.ExitCode}}' scimshim)
[[ $code == 0 ]] || fail "SIGTERM: expected exit 0, found $code"
size=$(stat --format %s "$work/context/scimshim")
echo "test-image: the image runs read-only as 65532 and stops with 0; the binary has $((size / 1024)) KiB"
