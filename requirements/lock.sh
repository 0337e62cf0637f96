#!/bin/sh
# Renew the lock files after a change in pyproject.toml. Needs uv; no address of a package server is written.
set -eu
cd "$(dirname "$0")/.."
lock() {
    out="$1"; shift
    uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links --output-file "$out" "$@"
}
lock requirements/base.txt pyproject.toml
lock requirements/dev.txt pyproject.toml --group dev --constraint requirements/base.txt
