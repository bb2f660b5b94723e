#!/bin/sh
# check.sh SUITE...: runs programs (a cmocka binary, or anything that fails by its status), and pytest
# on folders and on files named test_*.py; NAME=VALUE among them is the environment of those that
# follow. Ends with one line for all, "N passed, N failed", and fails if anything did.

set -u

passed=0 failed=0 skipped=0 broken=''
tmp=$(mktemp -d) || exit
trap 'rm -rf "$tmp"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# count NAME STATUS PASSED FAILED SKIPPED: a suite that fails without a failed test has one; one that
# says nothing of tests is a test.
count() {
	bad=${4:-0}
	good=${3:-0}
	if [ "$2" -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1
	elif [ "$2" -eq 0 ] && [ $((good + bad + ${5:-0})) -eq 0 ]; then
		good=1
	fi
	passed=$((passed + good))
	failed=$((failed + bad))
	skipped=$((skipped + ${5:-0}))
	[ "$bad" -eq 0 ] || broken="$broken $1"
}

# Says little of what passes, and everything of what fails.
run_program() {
	"$1" >"$tmp/log" 2>&1
	status=$?
	[ "$status" -eq 0 ] || cat "$tmp/log"
	good=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test(s)\.$/\1/p' "$tmp/log")
	bad=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test(s).*/\1/p' "$tmp/log")
	count "$1" "$status" "$good" "$bad" ''
	printf '%-40s %s\n' "$1" "$([ "$status" -eq 0 ] && echo ok || echo "FAILED with $status")"
}

attribute() {
	number=$(sed -n "s/.*<testsuite [^>]*$1=\"\([0-9]*\)\".*/\1/p" "$tmp/result.xml" | head -n 1)
	echo "${number:-0}"
}

run_pytest() {
	: >"$tmp/result.xml"
	"$python" -m pytest -n 2 -q --junitxml="$tmp/result.xml" "$1"
	status=$?
	bad=$(($(attribute failures) + $(attribute errors)))
	missed=$(attribute skipped)
	count "$1" "$status" $(($(attribute tests) - bad - missed)) "$bad" "$missed"
}

# Where CI is set, pytest prints differences in full, of megabytes too.
unset CI
cd "${0%/*}/../.." || exit
python=$(sh tests/tools/python.sh pytest,xdist) || exit
for suite; do
	if [ "${suite#*=}" != "$suite" ]; then
		export "${suite?}"
		how=" with $suite"
	elif [ -d "$suite" ] || [ "${suite%/test_*.py}" != "$suite" ]; then
		printf '\n%s%s\n' "$suite" "${how-}"
		run_pytest "$suite"
	else
		run_program "$suite"
	fi
done

echo
[ -z "$broken" ] || echo "failed in:$broken"
if [ "$skipped" -eq 0 ]; then
	echo "$passed passed, $failed failed"
else
	echo "$passed passed, $failed failed, $skipped skipped"
fi
[ "$failed" -eq 0 ]
