#!/usr/bin/env bash
# Installs a build into an empty prefix and builds users' programs against it, through find_package
# and through pkg-config, against all of Fovea and against fovea-infer, shared and static; then runs
# them, and the installed command. At last Fovea is configured inside another project.
#
#   tests/install/run.sh BUILD_DIR CXX VERSION
set -euo pipefail

build=$1 cxx=$2 version=$3
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# With a space in its name, which a package file that forgets to quote does not survive: CMake only,
# since pkg-config's output is split at spaces by every shell that uses it.
cmake --install "$build" --prefix "$work/pre fix" >/dev/null
cp -r "$work/pre fix" "$work/moved"  # and the package must not remember where it was first

fail() {
  echo "FAILED: $*"
  exit 1
}
expect() { [[ $2 == "$3" ]] || fail "$1: expected \"$3\", got \"$2\""; }

configure() {
  cmake -G Ninja -S "$1" -B "$2" -D CMAKE_PREFIX_PATH="$work/pre fix" \
    -D CMAKE_CXX_COMPILER="$cxx" -D CMAKE_BUILD_TYPE=Release "${@:3}" >/dev/null
}

# --- All of it ------------------------------------------------------------------------------------

configure "$here" "$work/cmake"
cmake --build "$work/cmake"
expect find_package "$("$work/cmake/consumer")" "fovea $version says 16"

pc=$(find "$work/moved" -name fovea.pc)
export PKG_CONFIG_PATH=${pc%/*}
expect "version in fovea.pc" "$(pkg-config --modversion fovea)" "$version"
read -ra flags <<<"$(pkg-config --cflags --libs fovea)"
"$cxx" -std=c++20 "$here/consumer.cpp" "${flags[@]}" -o "$work/by_pkg_config"
expect pkg-config "$("$work/by_pkg_config")" "fovea $version says 16"

# --- Only what runs models ------------------------------------------------------------------------

# Sets what the infer libraries may not bring.
more='libcurl|libcrypto|libssl|libpng|libjpeg|libwebp|libtiff'
runs() {
  expect "$1" "$("$2" "$work")" "fovea $version runs both"
  ! readelf -d "$2" | grep -E "NEEDED.*($more)" || fail "$1 needs more than it uses"
}
configure "$here/infer" "$work/infer"
cmake --build "$work/infer"
runs fovea::infer "$work/infer/infer"
runs fovea::infer_static "$work/infer/infer_static"
for name in fovea-infer fovea-infer-static; do
  read -ra flags <<<"$(pkg-config --cflags --libs $name)"
  "$cxx" -std=c++20 "$here/infer/run_models.cpp" "${flags[@]}" -Wl,-rpath,"${pc%/*/*}" \
    -o "$work/$name"
  runs "$name.pc" "$work/$name"
done

library=$(find "$work/moved" -name 'libfovea-infer.so.*.*.*')
strip --strip-unneeded "$library"
[[ $(stat -c %s "$library") -lt 6000000 ]] || fail "$library has $(stat -c %s "$library") bytes"
readelf -d "$library" | grep -q 'NEEDED.*libdnnl' || fail "oneDNN is not apart from $library"
! readelf -d "$library" | grep -E "NEEDED.*($more)" || fail "$library needs more than it uses"

# --- The headers ----------------------------------------------------------------------------------

# Which they are is tools/check_layers.sh's business. Here: nothing else is installed, and an older
# standard is refused in words.
(cd "$work/moved/include" && find fovea -name '*.h' | sort) >"$work/installed"
printf '#include <fovea/fovea.h>\n' |
  "$cxx" -std=c++20 -fopenmp -I "$work/moved/include" -M -x c++ - | tr ' ' '\n' |
  sed -n "s|^$work/moved/include/||p" | sort -u >"$work/reached"
diff "$work/installed" "$work/reached" || fail "installed headers are not those of fovea.h"
for header in fovea infer; do
  said=$(printf '#include <fovea/%s.h>\n' $header |
    "$cxx" -std=c++17 -fopenmp -I "$work/moved/include" -fsyntax-only \
      -fno-diagnostics-show-caret -x c++ - 2>&1) || true
  expect "$header.h in C++17" "$(grep -c error <<<"$said")" 1
  [[ $said == *"Fovea needs C++20: compile with -std=c++20"* ]] || fail "C++17: $said"
done

# --- The command ----------------------------------------------------------------------------------

[[ $("$work/moved/bin/fovea" --version) == *"$version"* ]] || fail "fovea --version"
for file in bash-completion/completions/fovea zsh/site-functions/_fovea \
  fish/vendor_completions.d/fovea.fish; do
  [[ -s $work/moved/share/$file ]] || fail "no $file"
done

# --- Inside another project -----------------------------------------------------------------------

# Compiling it all again would take minutes: that it is configured shows what it looks for.
configure "$here/subproject" "$work/subproject" -D FOVEA="$source"
configure "$here/subproject" "$work/infer_subproject" -D FOVEA="$source" -D FOVEA_INFER_ONLY=ON

echo "install: every way of building works"
