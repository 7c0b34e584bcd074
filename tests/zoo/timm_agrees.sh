#!/usr/bin/env bash
# Models with timm's weights from a seed, under timm's names, give timm's scores.
#
#     timm_agrees.sh PYTHON ZOO_AGREE NAME...
#
# Exit codes: 0 they do; 77 timm is missing (./dev setup peers installs it); else they do not.
set -euo pipefail
python=$1
zoo_agree=$2
shift 2

"$python" -c 'import timm' 2> /dev/null || { echo "no timm: ./dev setup peers"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# One at a time: the weights of a VGG are half a gigabyte.
for name in "$@"; do
  "$python" "$(dirname "${BASH_SOURCE[0]}")/timm_cases.py" "$work" "$name"
  "$zoo_agree" "$work" "$name"
  rm "$work/$name".*
done
