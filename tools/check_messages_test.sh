#!/usr/bin/env bash
# check_messages.py must go red: each case is a source and a test of one line each, and what the
# check has to print.
set -euo pipefail

tools=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failed=0

# expect NAME SOURCE TEST CODE TEXT: for these lines of a source and its test the check ends with
# CODE and prints TEXT.
expect() {
  local code=0 output
  printf '%s\n' "$2" >"$tree/fovea/core/a.cpp"
  printf '%s\n' "$3" >"$tree/fovea/core/a_test.cpp"
  output=$("$tools/check_messages.py" "$tree" 2>&1) || code=$?
  if [[ $code -ne $4 || $output != *"$5"* ]]; then
    printf 'FAILED: %s: expected %s and "%s", got %s and:\n%s\n' "$1" "$4" "$5" "$code" "$output"
    failed=1
  fi
}
green() { expect "$1" "$2" "$3" 0 "messages: ${4:-1}, of which 0 without a test"; }
red() { expect "$1" "$2" "$3" 1 "fovea/core/a.cpp:1: no test has the message \"$4\""; }

mkdir -p "$tree/fovea/core"
check='check<Error>(x > 0, "f: x expected above 0, got ", x);'
green "a message and its test" "$check" '"f: x expected above 0, got -1"'
red "a message without a test" "$check" '"f: x expected above 1"' "f: x expected above 0, got"
red "words in a comment" "$check" '// f: x expected above 0, got -1' "f: x expected above 0, got"
green "a test in two literals" "$check" '"f: x expected " "above 0, got"'
green "a message in two literals" 'throw E(str("f: x" " expected"));' '"f: x expected"'
red "a throw" 'throw ns::Error("f: nothing is there");' '' "f: nothing is there"
red "a helper's words" 'require_size(in, "scales");' '"sizes"' "scales"
red "a literal by itself" 'const char* text = "y expected, got none";' '' "y expected, got none"
green "no message" 'puts("good morning"); check<Error>(text == "words");' '' 0
red "a format" 'throw E(fmt::format("{} is not {:>3} at all", a, b));' '"is not"' "at all"
green "marks at the ends" 'check<E>(x, "a \"", name, "\" is odd");' '"\" is odd"'
red "the rarer words" 'fail("size", "odd"); fail("size", "even");' '"size" "even"' "odd"
green "a raw literal" 'fail(R"(no " here)");' '"no \" here"'

[[ $failed -eq 0 ]] && echo "check_messages: as expected"
exit "$failed"
