#!/usr/bin/env bash
# Turns the C++ blocks of a page into one program, so that the examples of the papers are compiled
# and run: docs/CMakeLists.txt makes tests of them.
#
#   tools/extract_examples.sh PAGE.md PROGRAM.cpp EXPECTED
#
# Each block that opens with ```cpp becomes a function of the program, in the page's order. A block
# that opens with ```text right after it (nothing but one line of words and blank lines between) is
# what it prints; a block without one prints nothing. A block that names a file (```cpp FILE) is
# that file, compiled elsewhere: tools/check_papers.sh compares them.
set -euo pipefail

page=$1 program=$2 expected=$3
mkdir -p "$(dirname "$program")"

awk -v page="$page" -v expected="$expected" '
  BEGIN {
    printf "" > expected
    print "// Made from " page " by tools/extract_examples.sh."
    print "#include <fovea/fovea.h>\n\n#include <iostream>\n#include <memory>\n#include <vector>\n"
    print "namespace nn = fovea::nn;"
    print "namespace F = fovea::nn::functional;"
    print "using namespace fovea;  // NOLINT(google-build-using-namespace): as a page reads\n"
    print "namespace {\n"
  }
  !inside && /^```/ {
    inside = 1
    kind = "other"
    if ($0 == "```cpp") {
      kind = "example"
      after = 1
      printf "void example_%d() {\n#line %d \"%s\"\n", ++examples, NR + 1, page
    } else if ($0 == "```text" && after) {
      kind = "output"
    }
    words = 0
    next
  }
  inside && /^```$/ {
    if (kind == "example") print "}\n"
    else after = 0
    inside = 0
    next
  }
  inside && kind == "example" { print }
  inside && kind == "output" { print > expected }
  !inside && NF && ++words > 1 { after = 0 }
  END {
    print "}  // namespace\n\nint main() {"
    for (i = 1; i <= examples; ++i) printf "  example_%d();\n", i
    print "}"
  }
' "$page" >"$program"
