#!/usr/bin/env bash
# Builds the static binary that the image has: target/x86_64-unknown-linux-gnu/release/scimshim. It asks no library of
# the machine for anything, not for names either.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
RUSTFLAGS='-C target-feature=+crt-static --cfg getrandom_backend="linux_getrandom"' \
    cargo build --release --target x86_64-unknown-linux-gnu
