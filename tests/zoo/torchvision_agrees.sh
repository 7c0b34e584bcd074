#!/usr/bin/env bash
# Models with torchvision's weights from a seed give torchvision's scores.
#
#     torchvision_agrees.sh ZOO_AGREE NAME...
#
# Exit codes: 0 they do; 77 torchvision is missing (./dev setup peers installs it); else they do
# not.
set -euo pipefail
zoo_agree=$1
shift

/usr/bin/python3 -c 'import torchvision' || { echo "no torchvision: ./dev setup peers"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# One at a time: the weights of a VGG are half a gigabyte.
for name in "$@"; do
  /usr/bin/python3 "$(dirname "${BASH_SOURCE[0]}")/torchvision_cases.py" "$work" "$name"
  "$zoo_agree" "$work" "$name"
  rm "$work/$name".*
done
