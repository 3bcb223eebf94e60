#!/bin/sh
# Runs a command that runs cargo's tests, shows all it says, and adds it up at the end.
#
#   tests/summary.sh COMMAND...
#
# A test that could not run here writes a line "skipped: ..."; those are told again, so that no one takes them for passed.
set -u
cd "$(dirname "$0")/.."
log=build/test.log
mkdir -p build

# The status of a command in a pipe is lost in a plain shell, so it goes through a file.
{
    "$@" 2>&1
    echo $? >build/test.status
} | tee "$log"
status=$(cat build/test.status)
rm -f build/test.status

echo
grep -a '^skipped: ' "$log" | sort | uniq -c | sed 's/^ *\([0-9]*\) skipped: \(.*\)/skipped (\1): \2/'
awk '/^test result:/ { passed += $4; failed += $6; ignored += $8 }
    END { printf "%d tests passed, %d failed%s\n", passed, failed, ignored ? ", " ignored " ignored" : "" }' "$log"
exit "$status"
