#!/usr/bin/env bash
# Installs a build into an empty prefix and builds a user's program against it, through
# find_package(fovea) and through pkg-config; then runs both, and the installed command.
#
#   tests/install/run.sh BUILD_DIR CXX VERSION
set -euo pipefail

build=$1 cxx=$2 version=$3
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# With a space in its name, which a package file that forgets to quote does not survive: CMake only,
# since pkg-config's output is split at spaces by every shell that uses it.
cmake --install "$build" --prefix "$work/pre fix" >/dev/null
cp -r "$work/pre fix" "$work/moved"  # and the package must not remember where it was first

expect() {
  [[ $2 == "$3" ]] || { printf 'FAILED: %s: expected "%s", got "%s"\n' "$1" "$3" "$2"; exit 1; }
}

cmake -G Ninja -S "$here" -B "$work/cmake" -D CMAKE_PREFIX_PATH="$work/pre fix" \
  -D CMAKE_CXX_COMPILER="$cxx" -D CMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$work/cmake"
expect find_package "$("$work/cmake/consumer")" "fovea $version says 16"

pc=$(find "$work/moved" -name fovea.pc)
export PKG_CONFIG_PATH=${pc%/*}
expect "version in fovea.pc" "$(pkg-config --modversion fovea)" "$version"
read -ra flags <<<"$(pkg-config --cflags --libs fovea)"
"$cxx" -std=c++20 "$here/consumer.cpp" "${flags[@]}" -o "$work/by_pkg_config"
expect pkg-config "$("$work/by_pkg_config")" "fovea $version says 16"

[[ $("$work/moved/bin/fovea" --version) == *"$version"* ]] ||
  { echo "FAILED: fovea --version"; exit 1; }
for file in bash-completion/completions/fovea zsh/site-functions/_fovea \
  fish/vendor_completions.d/fovea.fish; do
  [[ -s $work/moved/share/$file ]] || { echo "FAILED: no $file"; exit 1; }
done
if find "$work/moved/include" -name '*_test*' | grep .; then
  echo "FAILED: tests are installed"
  exit 1
fi
echo "install: both ways of building work"
