#!/bin/sh
# The house rules that a search can check: stable Rust only, and the one exception to that in the Makefile alone.
set -eu
cd "$(dirname "$0")/.."

verdict=0
# nowhere "WHY" PATTERN PATHSPEC...: nothing that git tracks under the path specification may match.
nowhere() {
    why=$1 pattern=$2
    shift 2
    if git grep -nE "$pattern" -- "$@"; then
        echo "error: $why" >&2
        verdict=1
    fi
}

nowhere "unstable features: the project builds on stable Rust" '^[^/]*#!\[(cfg_attr\(.*)?feature\(' '*.rs'
nowhere "RUSTC_BOOTSTRAP is set by the Makefile alone" 'RUSTC_BOOTSTRAP"?[=,]' ':!Makefile' ':!*.md' ':!tests/rules.sh'

# Every crate opts in to the workspace's lints.
for manifest in $(git ls-files '*Cargo.toml'); do
    if [ "$manifest" != Cargo.toml ] && ! grep -A1 '^\[lints\]' "$manifest" | grep -q '^workspace = true'; then
        echo "error: $manifest does not take the workspace's lints ([lints] workspace = true)" >&2
        verdict=1
    fi
done
exit $verdict
