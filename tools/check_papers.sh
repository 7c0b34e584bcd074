#!/usr/bin/env bash
# Checks the papers of the house against the tree; ./dev test runs it.
#
# - A code block that names a file in a folder (```cpp examples/fashion_cnn.cpp) is that file, to
#   the byte. One without a folder is a file of the reader's own, which end-to-end tests write.
# - README.md and README.ko.md have the same code blocks and the same pictures.
# - Links to files lead to files, and `folder/file.cpp` in a text is a file, of the tree, of fovea/
#   or of fovea/kernels/. (Names with capitals are to be replaced, as in `examples/NAME.cpp`.)
# - Each program and page of examples/ and docs/ is linked from a page.
#
# Usage: check_papers.sh [ROOT]; ROOT defaults to this tree. Prints each fault as FILE:LINE.
set -euo pipefail

cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"
mapfile -t pages < <(find . -maxdepth 2 \( -path './docs/*.md' -o -path './*.md' \) \
  -not -path './build/*' -printf '%P\n' | sort)
faults=0

fault() {
  printf '%s\n' "$1"
  faults=$((faults + 1))
}

# blocks PAGE: the code blocks, fences and all.
blocks() { awk '/^```/ { inside = !inside; print; next } inside' "$1"; }

for page in "${pages[@]}"; do
  while read -r line file; do
    if [[ ! -f $file ]]; then
      fault "$page:$line: a block is to be $file, which is not there"
    elif ! awk -v first="$line" 'NR > first { if (/^```$/) exit; print }' "$page" |
      cmp -s - "$file"; then
      fault "$page:$line: the block differs from $file"
    fi
  done < <(awk '!inside && /^```[a-z]+ [^ ]+\/[^ ]+$/ { print NR, $2 }
                /^```/ { inside = !inside }' "$page")

  while read -r line link; do
    [[ $link == *:* || $link == \#* ]] || [[ -e $(dirname "$page")/${link%%#*} ]] ||
      fault "$page:$line: a link leads to $link, which is not there"
  done < <(awk '
    /^```/ { inside = !inside }
    !inside {
      while (match($0, /\]\([^) ]+\)/)) {
        print NR, substr($0, RSTART + 2, RLENGTH - 3)
        $0 = substr($0, RSTART + RLENGTH)
      }
    }' "$page")

  while read -r line name; do
    compgen -G "$name" >/dev/null || compgen -G "fovea/$name" >/dev/null ||
      compgen -G "fovea/kernels/$name" >/dev/null ||
      fault "$page:$line: the text names $name, which is not there"
  done < <(awk '
    /^```/ { inside = !inside }
    !inside {
      while (match($0, /`[^` ]+`/)) {
        name = substr($0, RSTART + 1, RLENGTH - 2)
        $0 = substr($0, RSTART + RLENGTH)
        if (name ~ /^[a-z0-9_.*\/-]+$/ && name ~ /[a-z0-9]\/.*\.(h|cpp|sh|py|cmake|\*)$/)
          print NR, name
      }
    }' "$page")
done

for file in examples/*.cpp docs/*.md; do
  [[ ! -e $file ]] || grep -qF "](${file#docs/}" docs/*.md ||
    grep -qE "\]\((\.\./)?$file[)#]" "${pages[@]}" || fault "$file: no page links to it"
done

if [[ -f README.md && -f README.ko.md ]]; then
  if ! difference=$(diff <(blocks README.md) <(blocks README.ko.md)); then
    fault "README.ko.md: its code blocks differ from those of README.md:"
    printf '%s\n' "$difference" | head -n 10
  fi
  pictures() { grep -o '!\[[^]]*\]([^)]*)' "$1" | sed 's/.*](/](/'; }
  diff <(pictures README.md) <(pictures README.ko.md) >/dev/null ||
    fault "README.ko.md: its pictures differ from those of README.md"
fi

[[ $faults -eq 0 ]] || { echo "papers: $faults faults"; exit 1; }
echo "papers: ${#pages[@]} pages are as the tree is"
