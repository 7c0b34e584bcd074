# What the scripts of tests/accept begin with. Each is called as SCRIPT BUILD_DIR [PART]...; for a
# part it has a function part_PART. Its first line is
#
#     source "$(dirname "$0")/../support/accept.sh"
#
# and its last one `keep PART...`: those that are run when none is named. Here are the build
# directory ($build), the tree ($source), the command ($fovea) and a folder that goes away at the
# end ($work).
#
# Exit codes: 0 all kept; 1 one is not, and which is on standard error.
set -euo pipefail
build=$(cd "$1" && pwd)
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
fovea=$build/bin/fovea
named=("${@:2}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# keep PART...: runs the parts that the command line names, or these.
keep() {
  local part failed=0
  [[ ${#named[@]} -eq 0 ]] || set -- "${named[@]}"
  for part in "$@"; do
    "part_$part" || { printf 'accept: %s NOT KEPT\n' "$part" >&2; failed=1; }
  done
  return "$failed"
}
