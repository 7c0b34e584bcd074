#!/usr/bin/env bash
# Weights that the command trained load into PyTorch and score the same there; and what PyTorch
# saves of them loads into the command.
#
#     pytorch_loads.sh FOVEA SOURCE_DIR
#
# Exit codes: 0 the same; 77 PyTorch is missing (./dev setup peers installs it); else not.
set -euo pipefail
fovea=$1
source=$2

/usr/bin/python3 -c 'import torch' || { echo "no PyTorch: ./dev setup peers"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$work"
for model in fashion-cnn fashion-dnn; do
  run=$("$fovea" train "$model" --epochs 1 --limit-train 2000 --data-root /usr/share/datasets \
    --name "$model" --quiet)
  weights=$run/weights/last.safetensors
  "$fovea" eval --weights "$weights" --data-root /usr/share/datasets --json >ours.json
  /usr/bin/python3 "$source/tests/golden/check_torch_loads.py" --json \
    --data-root /usr/share/datasets "$weights" >theirs.json
  /usr/bin/python3 - <<'PYTHON'
import json
ours, theirs = json.load(open("ours.json")), json.load(open("theirs.json"))
for what in "accuracy", "loss":
    print(ours["model"], what, ours[what], theirs[what])
# Logits agree to 1e-4, so an image in ten thousand may have its two largest closer than that.
assert abs(ours["accuracy"] - theirs["accuracy"]) <= 1e-4, "accuracies differ"
assert abs(ours["loss"] - theirs["loss"]) <= 1e-4, "losses differ"
PYTHON

  # And back, in the form that torch.save gives them: the same model to the last bit.
  for form in True False; do
    PYTHONPATH=$source/tests/golden /usr/bin/python3 - "$weights" "$form" <<'PYTHON'
import sys
import safetensors_file, torch
arrays = safetensors_file.read(sys.argv[1])[0]
state = {name: torch.from_numpy(array) for name, array in arrays.items()}
torch.save(state, "torch.pth", _use_new_zipfile_serialization=sys.argv[2] == "True")
PYTHON
    "$fovea" eval --weights torch.pth --model "$model" --data-root /usr/share/datasets \
      --json >back.json
    cmp ours.json back.json
  done
done
