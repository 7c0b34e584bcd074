#!/usr/bin/env bash
# check_papers.sh must go red, and extract_examples.sh must find every example: both on small pages.
set -euo pipefail

tools=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failed=0

# expect NAME CODE TEXT: what check_papers.sh must end with, and print, for the tree as it is.
expect() {
  local code=0 output
  output=$("$tools/check_papers.sh" "$tree" 2>&1) || code=$?
  if [[ $code -ne $2 || $output != *"$3"* ]]; then
    printf 'FAILED: %s: expected %s and "%s", got %s and:\n%s\n' "$1" "$2" "$3" "$code" "$output"
    failed=1
  fi
}

mkdir "$tree/docs" "$tree/src"
printf 'int main() {}\n' >"$tree/src/a.cpp"
page='```cpp src/a.cpp\nint main() {}\n```\n\n'
page+='[a](src/a.cpp), [b](docs/b.md#part), [c](https://c.org)\n'
printf "$page" >"$tree/README.md"
printf "말\n$page" >"$tree/README.ko.md"
printf '# B\n' >"$tree/docs/b.md"
expect "sound pages" 0 "papers: 3 pages"

printf 'int main() { return 1; }\n' >"$tree/src/a.cpp"
expect "a file that moved on" 1 "README.md:1: the block differs from src/a.cpp"
printf 'int main() {}\n' >"$tree/src/a.cpp"

printf 'In `src/*.cpp`, `src/a.cpp` and `src/NAME.cpp`.\n' >"$tree/docs/b.md"
expect "names of files" 0 "papers: 3 pages"
printf 'In `src/c.cpp`.\n' >"$tree/docs/b.md"
expect "the name of no file" 1 "docs/b.md:1: the text names src/c.cpp, which is not there"
mkdir "$tree/examples"
printf 'int main() {}\n' >"$tree/examples/one.cpp"
printf '# B\n' >"$tree/docs/b.md"
expect "an example that no page shows" 1 "examples/one.cpp: no page links to it"
printf '[one](../examples/one.cpp)\n' >"$tree/docs/b.md"
expect "an example that a page shows" 0 "papers: 3 pages"
printf '# C\n' >"$tree/docs/c.md"
expect "a page that none leads to" 1 "docs/c.md: no page links to it"
rm -r "$tree/examples" "$tree/docs/c.md"

printf '[d](d.md)\n' >"$tree/docs/b.md"
expect "a link to nothing" 1 "docs/b.md:1: a link leads to d.md, which is not there"
printf '# B\n\n```cpp examples/e.cpp\n```\n' >"$tree/docs/b.md"
expect "a block of no file" 1 "docs/b.md:3: a block is to be examples/e.cpp, which is not there"
printf '# B\n' >"$tree/docs/b.md"

printf '\n```sh\nls\n```\n' >>"$tree/README.ko.md"
expect "twins with other blocks" 1 "README.ko.md: its code blocks differ"
printf "말\n$page\n![p](src/a.cpp)\n" >"$tree/README.ko.md"
expect "twins with other pictures" 1 "README.ko.md: its pictures differ"

cat >"$tree/page.md" <<'PAGE'
```cpp
one();
```
```text
1
```
```cpp
two();
```
Prints

```text
2
```
```cpp
three();
```
Some words.
Some more.
```text
not what it prints
```
```cpp a.cpp
int main() {}
```
PAGE
cd "$tree"
"$tools/extract_examples.sh" page.md out/page.cpp out/page.expected
found=$(grep -cE '^(one|two|three)\(\);$' out/page.cpp)
if [[ $found -ne 3 || $(<out/page.expected) != $'1\n2' ]] ||
  grep -q '^int main() {}' out/page.cpp; then
  echo "FAILED: examples of a page:"
  cat out/page.cpp out/page.expected
  failed=1
fi

[[ $failed -eq 0 ]]
