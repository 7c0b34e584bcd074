#!/usr/bin/env bash
# check_lines.sh must go red on what is too long, and pass what is not.
set -euo pipefail

tools=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
git -C "$tree" init -q
failed=0

# expect NAME CODE TEXT: the check ends with CODE and prints TEXT.
expect() {
  local code=0 output
  output=$("$tools/check_lines.sh" "$tree" 2>&1) || code=$?
  if [[ $code:$output != "$2:$3" ]]; then
    printf 'FAILED: %s: expected %s:%s, got %s:%s\n' "$1" "$2" "$3" "$code" "$output"
    failed=1
  fi
}

# repeated COUNT TEXT: TEXT so many times.
repeated() { printf "%0.s$2" $(seq "$1"); }

mkdir "$tree/src"
printf '// %s\n' "$(repeated 97 x)" >"$tree/src/a.h"
expect "100 columns" 0 ""
printf 'int a;\n// of %s\n' "$(repeated 95 x)" >"$tree/src/a.h"
expect "101 columns of a comment" 1 "src/a.h:2: 101 columns, expected at most 100"
printf '// of %s\n' "$(repeated 94 ü)" >"$tree/src/a.h"
expect "letters of two bytes" 0 ""
printf '# https://example.org/%s\n' "$(repeated 100 x)" >"$tree/src/a.h"
expect "one long address" 0 ""
rm "$tree/src/a.h"
for file in src/a.cpp src/a.py src/a.sh src/CMakeLists.txt src/a.cmake dev; do
  printf '# of %s\n' "$(repeated 96 x)" >"$tree/$file"
  expect "$file" 1 "$file:1: 101 columns, expected at most 100"
  rm "$tree/$file"
done
printf 'A page of words %s\n' "$(repeated 96 x)" >"$tree/src/page.md"
expect "pages wrap as they like" 0 ""

[[ $failed -eq 0 ]]
