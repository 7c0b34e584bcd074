#!/usr/bin/env bash
# Makes the figures of docs/chapter.md and docs/chapter.ko.md by the commands that stand below them.
#
#   chapter_figures.sh FOVEA FOLDER      FOVEA: the command; FOLDER: where they go
#
# With docs/images/chapter as the folder it writes anew those that the pages show.
set -euo pipefail

fovea=$(realpath "$1")
mkdir -p "$2"
folder=$(realpath "$2")
cd "$(dirname "${BASH_SOURCE[0]}")/../docs"

for page in chapter.md chapter.ko.md; do
  awk '/^```/ { inside = $0 == "```sh" } inside && /^fovea .* --output / { print }' "$page"
done | sort -u | while read -r line; do
  (cd "$folder" && eval "\"$fovea\" ${line#fovea }" 2>/dev/null) || {
    echo "chapter_figures: failed: $line" >&2
    exit 1
  }
done
