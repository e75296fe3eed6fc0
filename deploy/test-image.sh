#!/usr/bin/env bash
# Builds the image from the static binary and runs it as a cluster would: read-only, without
# capabilities, as nobody, with little memory; then plays pod.yaml with the worked configuration, in
# which ports 8443 and 9090 must be free. Installs podman and buildah where they are missing (Debian,
# as root).
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
        catatonit uidmap fuse-overlayfs ca-certificates curl openssl >/dev/null
fi

deploy/build.sh
# A run that was cut off leaves its layers mounted.
awk -v work="$work" 'index($2, work) == 1 { print $2 }' /proc/mounts | sort --reverse | xargs --no-run-if-empty umount
rm -rf "$work"
mkdir -p "$work/context/data" "$work/config/mappings"
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

# Nobody must be able to write where things are kept.
podman "${storage[@]}" create --name scimshim-files "$image" >/dev/null
owner=$(podman "${storage[@]}" export scimshim-files | tar --numeric-owner -tvf - | awk '$6 == "data/" { print $2 }')
podman "${storage[@]}" rm scimshim-files >/dev/null
[[ $owner == 65532/65532 ]] || fail "/data: expected to be of 65532/65532, found \`$owner\`"

# A configuration with a token of its own, over a vendor that is not there: the gateway must start,
# say that it is ready, and tell a client the truth.
cp mappings/acall.yaml "$work/config/mappings/"
token=$("$work/context/scimshim" token new | head -n 1)
hash=$("$work/context/scimshim" token hash "$token")
cat >"$work/config/scimshim.yaml" <<C
store: { sqlite: { path: /data/scimshim.db } }
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

# The manifest as it stands, but for what this machine cannot have: a registry, a cluster's network,
# ConfigMaps and Secrets, and a legacy app, for which the demo stands in. The sidecar is the worked configuration
# with a token and a certificate of this run.
pod=$work/pod
mkdir -p "$pod/etc/config" "$pod/etc/mappings" "$pod/tls" "$pod/data"
cp mappings/acall.yaml "$pod/etc/mappings/"
digest=$(grep -o '[0-9a-f]\{64\}' <<<"$hash")
sed "s/[0-9a-f]\{64\}/$digest/" deploy/scimshim.yaml >"$pod/etc/config/scimshim.yaml"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
    -subj /CN=gw.acme.example -addext subjectAltName=DNS:gw.acme.example \
    -keyout "$pod/tls/tls.key" -out "$pod/tls/tls.crt" 2>/dev/null
chown -R 65532:65532 "$pod/tls" "$pod/data"

# Replaces what stands under a volume's name by a folder of this machine.
volume() {
    awk -v name="$1" -v path="$2" '
        /^    - name: / { inside = $3 == name; if (inside) { print; print "      hostPath: { path: " path ", type: Directory }" } }
        !inside'
}
sed -e 's/^spec:$/&\n  hostNetwork: true/' \
    -e "s|^      image: registry.acme.example/legacy-app:.*|      image: $image\n      args: [demo, --listen, \"127.0.0.1:18080\", --admin, \"127.0.0.1:19094\"]|" \
    -e "s|^      image: registry.acme.example/scimshim:.*|      image: $image|" \
    -e 's/^          valueFrom: .*secretKeyRef.*/          value: t0ken/' \
    -e '/^      lifecycle: /d' -e '/^      ports:$/d' -e '/containerPort: /d' deploy/pod.yaml |
    volume config "$pod/etc" | volume tls "$pod/tls" | volume data "$pod/data" >"$pod/pod.yaml"
grep -q 'registry.acme.example\|configMap:\|secretName:\|secretKeyRef' "$pod/pod.yaml" &&
    fail "$pod/pod.yaml still names what is not here"

# There is no systemd whose timers could run the probes; they are asked by hand below.
export DISABLE_HC_SYSTEMD=true
trap 'podman "${storage[@]}" rm --force scimshim >/dev/null 2>&1 || true
    podman "${storage[@]}" kube down "$pod/pod.yaml" >/dev/null 2>&1 || true' EXIT
podman "${storage[@]}" kube play "$pod/pod.yaml" >/dev/null
ready_in_pod() {
    podman "${storage[@]}" exec legacy-app-scimshim /scimshim health
}
for _ in $(seq 100); do
    if ready_in_pod >/dev/null 2>&1; then break; fi
    sleep 0.1
done
ready_in_pod || { podman "${storage[@]}" logs legacy-app-scimshim; fail 'in the pod it never became ready'; }
ask_pod() {
    ask --cacert "$pod/tls/tls.crt" --resolve gw.acme.example:8443:127.0.0.1 "$@" \
        https://gw.acme.example:8443/scim/v2/ResourceTypes
}
status=$(ask_pod -H "Authorization: Bearer $token")
[[ $status == 200 ]] || fail "in the pod, with its token: expected 200, found $status"
status=$(ask_pod)
[[ $status == 401 ]] || fail "in the pod, without a token: expected 401, found $status"
podman "${storage[@]}" kube down "$pod/pod.yaml" >/dev/null

size=$(stat --format %s "$work/context/scimshim")
echo "test-image: the image runs read-only as 65532 and stops with 0, alone and in the pod; the binary has $((size / 1024)) KiB"
