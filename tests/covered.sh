#!/bin/sh
# Every metric that docs/metrics.md tells of is named, in full, in a test: who names one has to say what it should be.
# A histogram may be named by one of its samples. Fails with the names of those that no test names.
set -eu
cd "$(dirname "$0")/.."

# What git tracks: the guest tests and their tools, and the tests of crates and modules. But for what names metrics without
# a word on what they should be: queries of dashboards and alerts, lists of names, whole pages, and programs to run.
named=$(mktemp)
trap 'rm -f "$named"' EXIT
git grep -hoE '\b(node|process|uk|[a-z]+)_[A-Za-z0-9_]+' -- \
    'tests/tests/*.rs' 'tests/src/*.rs' '*/tests/*.rs' '*/tests.rs' \
    ':!tests/tests/guests/oracle.rs' ':!tests/tests/guests/dashboards' ':!tests/tests/guests/rules*.rs' \
    ':!tests/src/documented.rs' ':!tests/src/promql.rs' ':!tests/src/bin' ':!*golden*' |
    sed -E 'p; s/_(bucket|sum|count)$//' | sort -u >"$named"

# The first column of the tables of metrics: a metric is followed by its type.
unnamed=$(sed -nE 's/^\| `([a-z][A-Za-z0-9_]*)` \| (counter|gauge|untyped|histogram|stateset|info) \|.*/\1/p' docs/metrics.md |
    sort -u | comm -23 - "$named")
[ -z "$unnamed" ] || {
    echo "error: no test names these metrics: test that they move" >&2
    echo "$unnamed" >&2
    exit 1
}
