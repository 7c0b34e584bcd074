#!/usr/bin/env bash
# check_layers.sh must go red: each case adds one file to a small sound tree and names the line that
# the check has to print.
set -euo pipefail

tools=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
passed=0 failed=0

# verdict NAME CONDITION...: counts a case and shows what the check printed when it went wrong.
verdict() {
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: %s; the check printed:\n%s\n' "$name" "$output"
  fi
}

# check: runs the check on the tree into $output and $code.
check() {
  code=0
  output=$("$tools/check_layers.sh" "$tree" 2>&1) || code=$?
}

# red NAME FILE LINE EXPECTED: a FILE of this one LINE must make the check print EXPECTED.
red() {
  mkdir -p "$(dirname "$tree/$2")"
  printf '%s\n' "$3" >"$tree/$2"
  check
  verdict "$1" test "$code:$output" = "1:$2:1: $4"
  rm "$tree/$2"
}

# green NAME FILE LINE: must pass.
green() {
  mkdir -p "$(dirname "$tree/$2")"
  printf '%s\n' "$3" >"$tree/$2"
  check
  verdict "$1" test "$code:$output" = "0:"
  rm "$tree/$2"
}

mkdir -p "$tree/docs" "$tree/fovea/core" "$tree/fovea/nn" "$tree/apps/cli"
cp "$tools/../docs/layers.txt" "$tree/docs/layers.txt"
echo '#include <vector>' >"$tree/fovea/core/shape.h"

green "own room" fovea/core/a.cpp '#include "fovea/core/shape.h"'
green "a room that the row names" fovea/nn/a.h '#include "fovea/tensor/tensor.h"'
green "a room through another" fovea/nn/a.h '#include <fovea/core/shape.h>'
green "a test may include any room" fovea/core/a_test.cpp '#include "fovea/train/trainer.h"'
green "the command includes everything" apps/cli/main.cpp '#include "fovea/train/trainer.h"'
green "the command prints" apps/cli/main.cpp 'std::cout << 1;'
green "a doc comment shows printing" fovea/core/a.h '///   std::cout << x;'
green "oneDNN at its home" fovea/kernels/cpu/onednn/onednn.cpp '#include <oneapi/dnnl/dnnl.hpp>'
green "a compiled schema at its home" fovea/graph/onnx/a.h '#include "onnx.pb.h"'
green "toml in a .cpp" fovea/io/a.cpp '#include <toml++/toml.h>'

red "down the list" fovea/core/a.h '#include "fovea/tensor/tensor.h"' \
  'core may not include fovea/tensor/tensor.h'
red "across" fovea/optim/a.cpp '#include "fovea/nn/module.h"' \
  'optim may not include fovea/nn/module.h'
red "with spaces and angles" fovea/core/a.h '  # include  <fovea/io/tensors/npy.h>  // why' \
  'core may not include fovea/io/tensors/npy.h'
red "the umbrella from inside" fovea/train/a.cpp '#include "fovea/fovea.h"' \
  'train may not include fovea/fovea.h'
red "the library on the command" fovea/train/a.cpp '#include "apps/base/table.h"' \
  'train may not include apps/base/table.h'
red "a room without a row" fovea/cellar/a.cpp '#include <vector>' \
  'the folder has no row in docs/layers.txt'
red "a relative path" fovea/core/a.cpp '#include "shape.h"' \
  '"shape.h" is not a path from the root of the tree'
red "test helpers in the library" fovea/core/a.cpp '#include "tests/test_seed.h"' \
  'only tests may include tests/test_seed.h'
green "the CPU at its home" fovea/kernels/backend.cpp '#include "fovea/kernels/cpu/cpu.h"'
green "the CPU in a test of it" fovea/kernels/cpu/a_test.cpp 'kernels::cpu::fill();'
green "the CPU where a row excepts a file" tests/vector_target.cpp 'kernels::cpu::vector_target();'
red "a room includes the CPU" fovea/nn/a.cpp '#include "fovea/kernels/cpu/cpu.h"' \
  'only fovea/kernels/ tests/vector_target.cpp may know kernels::cpu'
red "a room asks the CPU" fovea/nn/a.cpp 'if (kernels::cpu::has_bf16_products()) {}' \
  'only fovea/kernels/ tests/vector_target.cpp may know kernels::cpu'
red "a test above asks the CPU" fovea/nn/a_test.cpp 'kernels::cpu::backend();' \
  'only fovea/kernels/ tests/vector_target.cpp may know kernels::cpu'
red "the command asks the CPU" apps/cli/a.cpp '#include "fovea/kernels/cpu/peak.h"' \
  'only fovea/kernels/ tests/vector_target.cpp may know kernels::cpu'
red "a test helper asks the CPU" tests/support/a.h '#include "fovea/kernels/cpu/cpu.h"' \
  'only fovea/kernels/ tests/vector_target.cpp may know kernels::cpu'
red "oneDNN elsewhere" fovea/nn/a.cpp '#include <oneapi/dnnl/dnnl.hpp>' \
  'only fovea/kernels/cpu/onednn/* may include oneapi/dnnl/dnnl.hpp'
red "json past its own header" fovea/io/a.cpp '#include <nlohmann/json.hpp>' \
  'only fovea/io/json* may include nlohmann/json.hpp'
red "json in a header" fovea/io/a.h '#include "fovea/io/json.h"' \
  'only .cpp files may include fovea/io/json.h'
red "the library prints" fovea/train/a.cpp '  std::cout << loss;' 'only apps/ may print or exit'
red "the library exits" fovea/io/a.cpp '  std::exit(1);' 'only apps/ may print or exit'

writing='only the writers of docs/layers.txt open files to write; take fovea/io/atomic_file.h'
red "a stream to a file" fovea/train/a.cpp '  std::ofstream out(path);' "$writing"
red "a descriptor to write" apps/cli/a.cpp 'open(path, O_CREAT | O_WRONLY);' "$writing"
green "a stream from a file" fovea/train/a.cpp '  std::ifstream in(path);'
green "a writer" fovea/io/atomic_file.cpp '  open(path, O_WRONLY);'
green "a test writes" fovea/train/a_test.cpp '  std::ofstream out(path);'

green "a room inside another's folder" fovea/io/records/a.cpp \
  '#include "fovea/io/pictures/image.h"'
red "the room around one on it" fovea/io/a.cpp '#include "fovea/io/pictures/image.h"' \
  'io may not include fovea/io/pictures/image.h'
red "infer.h on training" fovea/infer.h '#include "fovea/optim/sgd.h"' \
  'infer.h may not include fovea/optim/sgd.h'

# From here on the tree has public headers.
printf '#include "fovea/core/shape.h"\n' >"$tree/fovea/fovea.h"
green "an inner header that nobody outside sees" fovea/kernels/cpu/a.h '#include <vector>'
mkdir -p "$tree/fovea/optim"
printf '#include <vector>\n' >"$tree/fovea/optim/sgd.h"
check
verdict "a header that is neither" test "$code:$output" = \
  "1:fovea/optim/sgd.h: neither brought by fovea/fovea.h nor inner in docs/layers.txt"
printf '#include "fovea/optim/sgd.h"\n' >"$tree/fovea/fovea.h"
printf '#include "fovea/kernels/kernels.h"\n' >"$tree/fovea/optim/sgd.h"
printf '#include <vector>\n' >"$tree/fovea/core/shape.h"
printf 'inner: fovea/core/shape.h\n' >>"$tree/docs/layers.txt"
check
verdict "an inner header that fovea.h brings" test "$code:$output" = \
  "1:fovea/optim/sgd.h: brings the inner header fovea/kernels/kernels.h"

printf 'core: kernels\nkernels:\n' >"$tree/docs/layers.txt"
check
verdict "a row that names a later row" grep -q 'row "core" names "kernels"' <<<"$output"

printf '%d passed, %d failed\n' "$passed" "$failed"
[[ $failed -eq 0 ]]
