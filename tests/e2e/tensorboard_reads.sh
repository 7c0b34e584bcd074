#!/usr/bin/env bash
# TensorBoard reads what the command writes for it: one run, and one that began anew in its
# directory.
#
#     tensorboard_reads.sh FOVEA SOURCE_DIR PYTHON
#
# Exit codes: 0 it does; 77 PYTHON has no tensorboard (./dev setup peers installs it); else it does
# not.
set -euo pipefail
fovea=$1
source=$2
python=$3

[[ -x $python ]] || { echo "no $python: ./dev setup peers makes it"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for epochs in 2 1; do
  run=$("$fovea" train fashion-cnn --epochs $epochs --limit-train 400 --limit-test 200 \
    --log-every 2 --data-root /usr/share/datasets --project runs --exist-ok --quiet)
  "$python" "$source/tests/e2e/tensorboard_reads.py" "$run"
done
