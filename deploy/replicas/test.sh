#!/usr/bin/env bash
# Runs three replicas with the configuration beside this file over a PostgreSQL server of its own and a vendor that is a
# fake: what one writes the others read; the database goes away and comes back; a replica goes; a backup is put back.
#
#   deploy/replicas/test.sh target/release/scimshim target/debug/examples/vendor
#
# Wants PostgreSQL's programs, openssl and curl.
set -euo pipefail
exec </dev/null

scimshim=$(realpath "$1")
vendor=$(realpath "$2")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly scimshim vendor host=gw.acme.example replicas=(one two three)
work=$(mktemp -d)
children=()
declare -A scim admin process

fail() {
    printf 'test-replicas: %s\n' "$*" >&2
    tail -n 5 "$work"/*.log >&2 || true
    exit 1
}

end() {
    kill "${children[@]}" 2>/dev/null || true
    stop_database 2>/dev/null || true
    wait
    rm -rf "$work"
}
trap end EXIT

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Waits for what becomes true: wait_until WHAT COMMAND...
wait_until() {
    local what=$1
    shift
    for _ in $(seq 300); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.1
    done
    fail "within 30 s it never came to this: $what"
}

# PostgreSQL is nobody's where we are root: it refuses to be root's.
programs=$(dirname "$(realpath "$(command -v postgres || ls -d /usr/lib/postgresql/*/bin/postgres | tail -n 1)")")
postgres_user=()
database=$work/database
mkdir -p "$database"
chmod 755 "$work"
if [[ $(id -u) == 0 ]]; then
    chown postgres "$database"
    postgres_user=(setpriv --reuid=postgres --regid=postgres --clear-groups)
fi
password=$(openssl rand -hex 24)
database_port=$(free_port)
as_postgres() {
    (cd "$database" && exec "${postgres_user[@]}" "$@")
}
start_database() {
    as_postgres "$programs/postgres" -D "$database/data" -k "$database" -p "$database_port" \
        -c listen_addresses=127.0.0.1 >>"$work/postgres.log" 2>&1 &
    wait_until 'PostgreSQL answers' "$programs/pg_isready" -q -h 127.0.0.1 -p "$database_port"
}
# Ends its connections and itself, as a host does that is taken away with notice.
stop_database() {
    as_postgres "$programs/pg_ctl" stop -D "$database/data" -m fast -s
}
sql() {
    as_postgres "$programs/psql" -q -v ON_ERROR_STOP=1 -h "$database" -p "$database_port" -U postgres "$@"
}
as_postgres "$programs/initdb" --pgdata="$database/data" --username=postgres --encoding=UTF8 --locale=C \
    --auth-local=trust --auth-host=scram-sha-256 >"$work/initdb.log"
start_database
sql -d postgres -c "CREATE ROLE scimshim LOGIN PASSWORD '$password'" -c 'CREATE DATABASE people OWNER scimshim'

"$vendor" acall >"$work/vendor.url" &
children+=($!)
wait_until 'the vendor says where it is' test -s "$work/vendor.url"

# Laid out as it is mounted, with a token and a certificate of this run.
mkdir -p "$work/config/replicas" "$work/mappings" "$work/tls"
cp mappings/acall.yaml "$work/mappings/"
token=$("$scimshim" token new | head -n 1)
digest=$(printf %s "$token" | sha256sum | cut -d' ' -f1)
sed "s/[0-9a-f]\{64\}/$digest/" deploy/replicas/scimshim.yaml >"$work/config/replicas/scimshim.yaml"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$host" \
    -addext "subjectAltName=DNS:$host" -keyout "$work/tls/tls.key" -out "$work/tls/tls.crt" 2>/dev/null
export DATABASE_URL="postgres://scimshim:$password@127.0.0.1:$database_port/people?sslmode=disable"
export METRICS_TOKEN=metrics ACALL_TOKEN=acall-token-of-one
SCIMSHIM_TENANTS__ACME__VARS__URL=$(<"$work/vendor.url")/v1
export SCIMSHIM_TENANTS__ACME__VARS__URL
export SCIMSHIM_SERVER__TLS__CERT=$work/tls/tls.crt SCIMSHIM_SERVER__TLS__KEY=$work/tls/tls.key

start() {
    local name
    for name in "$@"; do
        SCIMSHIM_SERVER__LISTEN=127.0.0.1:${scim[$name]} SCIMSHIM_ADMIN__LISTEN=127.0.0.1:${admin[$name]} \
            "$scimshim" serve --config "$work/config/replicas/scimshim.yaml" >>"$work/$name.log" 2>&1 &
        process[$name]=$!
        children+=($!)
    done
    for name in "$@"; do
        wait_until "$name is ready" ready "$name" 200
    done
}
stop() {
    local name code
    for name in "$@"; do kill "${process[$name]}"; done
    for name in "$@"; do
        code=0
        wait "${process[$name]}" || code=$?
        [[ $code == 0 ]] || fail "$name: SIGTERM: expected exit 0, found $code"
    done
}
# REPLICA STATUS
ready() {
    [[ $(curl --silent --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:${admin[$1]}/readyz") == "$2" ]]
}
# REPLICA STATUS METHOD PATH [BODY]: asks, holds the status against the expected one, and leaves the answer in `answer`.
ask() {
    local name=$1 expected=$2 method=$3 path=$4 status
    status=$(curl --silent --max-time 30 --output "$work/answer" --write-out '%{http_code}' --request "$method" \
        --cacert "$work/tls/tls.crt" --resolve "$host:${scim[$name]}:127.0.0.1" \
        --header "Authorization: Bearer $token" --header 'Content-Type: application/scim+json' \
        ${5:+--data "$5"} "https://$host:${scim[$name]}/scim/v2$path")
    answer=$(<"$work/answer")
    [[ $status == "$expected" ]] || fail "$name: $method $path: expected $expected, found $status: $answer"
}
# Where in the answer, and what is expected there.
shows() {
    local found
    found=$(python3 -c 'import functools, json, sys
walk = lambda value, key: value[int(key)] if isinstance(value, list) else value[key]
print(functools.reduce(walk, sys.argv[2].split("/"), json.loads(sys.argv[1])))' "$answer" "$1") || fail "no $1: $answer"
    [[ $found == "$2" ]] || fail "$1: expected $2, found $found"
}

for name in "${replicas[@]}"; do
    scim[$name]=$(free_port)
    admin[$name]=$(free_port)
done
# At once, in a database without tables.
start "${replicas[@]}"

# externalId has no place at this vendor: it comes from the store.
ask one 201 POST /Users '{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "barbara@acme.example",
    "name": {"familyName": "Jensen", "givenName": "Barbara"}, "active": true, "externalId": "from-one"}'
shows meta/location "https://$host/scim/v2/Users/$(python3 -c 'import json, sys; print(json.loads(sys.argv[1])["id"])' "$answer")"
id=$(python3 -c 'import json, sys; print(json.loads(sys.argv[1])["id"])' "$answer")
ask two 200 GET "/Users/$id"
shows externalId from-one
ask three 200 PATCH "/Users/$id" '{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations": [{"op": "replace", "value": {"externalId": "from-three"}}]}'
ask one 200 GET '/Users?filter=externalId%20eq%20%22from-three%22'
shows Resources/0/id "$id"

# Each is scraped by itself, by who has the token.
for name in "${replicas[@]}"; do
    url=http://127.0.0.1:${admin[$name]}/metrics
    [[ $(curl --silent --output /dev/null --write-out '%{http_code}' "$url") == 401 ]] || fail "$name: metrics without a token"
    metrics=$(curl --silent --fail --header "Authorization: Bearer $METRICS_TOKEN" "$url")
    [[ $metrics == *scimshim_build_info* ]] || fail "$name: no metrics: $metrics"
done

# The database goes: all say so and nobody ends. It comes back: all serve.
stop_database
for name in "${replicas[@]}"; do
    ask "$name" 429 GET "/Users/$id"
    wait_until "$name is not ready" ready "$name" 503
    curl --silent --fail --output /dev/null "http://127.0.0.1:${admin[$name]}/healthz" || fail "$name does not live"
done
start_database
for name in "${replicas[@]}"; do
    wait_until "$name is ready again" ready "$name" 200
    ask "$name" 200 GET "/Users/$id"
    shows externalId from-three
done

# One goes, the others serve; who is deleted through one is gone for the other.
stop one
ask two 204 DELETE "/Users/$id"
ask three 404 GET "/Users/$id"

# A backup, and what else an operator asks, by the commands of store.md and as the owner that scimshim is.
owner() {
    local program=$1
    shift
    PGPASSWORD=$password "$programs/$program" -h 127.0.0.1 -p "$database_port" -U scimshim "$@"
}
owner pg_dump --schema=scimshim people >"$work/scimshim.sql"
stop two three
owner psql -q -v ON_ERROR_STOP=1 people -c 'SET client_min_messages = warning' -c 'DROP SCHEMA scimshim CASCADE'
owner psql -q -v ON_ERROR_STOP=1 people --single-transaction <"$work/scimshim.sql" >/dev/null
owner psql -q -v ON_ERROR_STOP=1 people >/dev/null -c "SELECT number, tenant, kind, id, state, to_timestamp(accepted_at / 1000.0)
    FROM scimshim.journal ORDER BY accepted_at" -c "SELECT pg_size_pretty(sum(pg_total_relation_size(oid)))
    FROM pg_class WHERE relnamespace = 'scimshim'::regnamespace AND relkind = 'r'"
start one
ask one 404 GET "/Users/$id"
stop one

echo 'test-replicas: three replicas over one database wrote, read, found and deleted through each other; the database went
and came back; a backup was put back'
