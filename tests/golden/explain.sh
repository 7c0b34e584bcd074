#!/usr/bin/env bash
# Writes anew what `fovea explain` prints, for the end-to-end tests: each file of explain/ begins
# with its command, and the rest is what that prints. Read what has changed before you keep it.
#
#   explain.sh FOVEA      FOVEA: the command, build/release/bin/fovea
set -euo pipefail

fovea=$(realpath "$1")
cd "$(dirname "$0")/explain"
for file in *.txt; do
  command=$(head -n 1 "$file")
  [[ $command == '$ fovea explain '* ]] || {
    echo "$file: its first line is no command" >&2
    exit 1
  }
  printed=$(LC_ALL=C.UTF-8 eval "\"$fovea\" ${command#\$ fovea }" && echo .)
  printf '%s\n%s' "$command" "${printed%.}" >"$file"
done
