#!/usr/bin/env bash
# ./dev with programs that only pretend: which packages each command asks for, what it says of them,
# what it configures and builds, and when it fetches what tests compare Fovea with.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tree/tools" "$work/bin"
cp "$root/dev" "$work/tree"
cp "$root/tools/packages.txt" "$work/tree/tools"
failed=0

# fake NAME BODY: a program that notes how it was called, and then does BODY.
fake() {
  printf '#!/bin/sh\necho "%s $*" >>"%s/calls"\n%s\n' "$1" "$work" "$2" >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}
fake dpkg-query 'exit 1'  # nothing is installed
fake apt-get 'case "$*" in
  *--print-uris*) printf "u a.deb 1500000 h\nu b.deb 2500000 h\n" ;;
esac'
fake sudo 'exec "$@"'
fake ctest ''
fake cmake 'case "$1 $2" in
  "--preset release") mkdir -p build/release/bin; touch build/release/CMakeCache.txt
    printf "#!/bin/sh\necho \"fovea \$*\" >>'"$work"'/calls\necho .\n" >build/release/bin/fovea
    chmod +x build/release/bin/fovea ;;
esac'
fake clang-tidy 'for last; do :; done
case $last in *faulty*) exit 1 ;; *slow*) sleep 5 ;; esac'

# run COMMAND...: ./dev COMMAND in the pretended world; its words are in $said, its code in $code.
run() {
  : >"$work/calls"
  code=0
  said=$(cd "$work/tree" && env -u CI PATH="$work/bin:$PATH" ./dev "$@" 2>&1 </dev/null) || code=$?
}

# expect NAME CONDITION...: counts on it, and shows what was said and called where it is not so.
expect() {
  local name=$1
  shift
  "$@" && return
  printf 'FAILED: %s; code %s, said:\n%s\ncalled:\n' "$name" "$code" "$said"
  cat "$work/calls"
  failed=1
}
called() { grep -qE -- "$1" "$work/calls"; }
not_called() { ! called "$1"; }
says() { grep -qF -- "$1" <<<"$said"; }

run demo --epochs 1
expect "the demo succeeds" test "$code" -eq 0
expect "the demo says what it fetches" says "to fetch are 2 packages, 4 MB"
expect "the demo needs the data" called 'apt-get .*install .* dataset-fashion-mnist'
expect "the demo needs no tests" not_called 'apt-get .*(libgtest-dev|python3)'
expect "the demo configures no tests" called 'cmake --preset release -D FOVEA_BUILD_TESTS=OFF'
expect "the demo builds the command" called 'cmake --build --preset release --target fovea$'
expect "the demo has no page" not_called 'FOVEA_BUILD_PAGE|libboost|chromium'
expect "flags go to the training" called 'fovea train fashion-cnn --seed 0 --epochs 1'
for step in "1 of 4" "2 of 4" "3 of 4" "4 of 4"; do expect "step $step" says "dev: $step"; done

fake npm ''
run serve --port 0
expect "the page succeeds" test "$code" -eq 0
expect "the page needs Beast and the data" called 'apt-get .*install .* dataset-fashion-mnist'
expect "where there is npm none is installed" not_called 'apt-get .*install.* npm'
expect "the page is built" called 'cmake --preset release .*-D FOVEA_BUILD_PAGE=ON'
expect "the page is a part of the command" called 'cmake --build --preset release --target fovea$'
expect "flags go to the page" called 'fovea serve --port 0'
run serve --build-only
expect "only built" says "build/release/bin/fovea serve opens the page"
expect "the page is not opened" not_called 'fovea serve'
# A system without npm: what this one has but that, and what comes with it.
rm "$work/bin/npm"
mkdir "$work/system"
ln -s /usr/bin/* "$work/system"
rm -f "$work"/system/np[mx] "$work/system/dpkg-query" "$work/system/sudo"
code=0
: >"$work/calls"
said=$(cd "$work/tree" && PATH="$work/bin:$work/system" ./dev serve --build-only 2>&1 </dev/null) ||
  code=$?
expect "where there is no npm it is installed" called 'apt-get .*install .*nodejs npm'

run test -R tensor
expect "tests need GoogleTest" called 'apt-get .*install .* libgtest-dev'
expect "tests configure tests" called 'cmake --preset release -D FOVEA_BUILD_TESTS=ON'
expect "arguments go to ctest" called 'ctest --preset release -j 2 -R tensor'
expect "without a terminal nobody is asked" not_called 'apt-get .* python3-torch'
expect "what is left out is said" says "left out are tests with PyTorch"
run demo
expect "a build that has tests keeps them" not_called 'BUILD_TESTS=OFF'

run test --no-peers
expect "peers that nobody wants" not_called 'apt-get .* python3-torch'
run test --peers
expect "peers that somebody wants" called 'apt-get .*install .* python3-torch'
expect "--peers is not ctest's" called 'ctest --preset release -j 2$'
FOVEA_PEERS=1 run test
expect "peers by the environment" called 'apt-get .*install .* python3-torch'
FOVEA_PEERS=0 run test
expect "no peers by the environment" not_called 'apt-get .* python3-torch'

: >"$work/calls"
code=0
said=$(cd "$work/tree" && CI=1 PATH="$work/bin:$PATH" ./dev test 2>&1 </dev/null) || code=$?
expect "peers in CI" called 'apt-get .*install .* python3-torch'

fake apt-get 'case "$*" in *--print-uris*) [ -e '"$work"'/lists ] ;; update) ;; esac'
sed -i 's|^case|case "$*" in *update) touch '"$work"'/lists ;; esac; case|' "$work/bin/apt-get"
run setup build
expect "lists that were never fetched are" called 'apt-get .*update'
expect "and then it goes on" test "$code" -eq 0

# clang-tidy with a limit: what there is no time for is let pass, and a finding before that is not.
source <(sed -n '/^say() /p; /^units() {/,/^}/p; /^check_tidy() {/,/^}/p' "$root/dev")
cd "$work/tree"
touch sound.cpp faulty.cpp slow.cpp
PATH=$work/bin:$PATH
: >"$work/calls"
tidy() {
  code=0
  said=$(check_tidy "$@" 2>&1) || code=$?
}
tidy 0 sound.cpp sound.h
expect "sound files" test "$code" -eq 0
tidy 0 sound.cpp faulty.h
expect "a faulty file, by its header" test "$code" -ne 0
tidy 1 sound.cpp slow.cpp
expect "no time for all of them" test "$code" -eq 0
expect "which it says" says "did not come to the end of them in 1 seconds"
tidy 1 faulty.cpp slow.cpp
expect "a finding before the time was up" test "$code" -ne 0

[[ $failed -eq 0 ]]
