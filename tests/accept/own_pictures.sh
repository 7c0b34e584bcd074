#!/usr/bin/env bash
# What docs/own-pictures.md tells: a quarter of an hour on two cores.
#
#     own_pictures.sh BUILD_DIR [few]
#
#   few  resnet18 learns seven classes of Fashion-MNIST; from its weights it learns the other three
#        from 135 pictures, at least 90 % of 900 right, and from nothing less than 60 %
source "$(dirname "$0")/../support/accept.sh"

# accuracy_of RUN: on the test data after the last epoch.
accuracy_of() { tail -n 1 "$1/results.csv" | cut -d, -f10; }

part_few() {
  local base own nothing
  local pictures=("$source/tests/accept/pictures_of.py" /usr/share/datasets/fashion-mnist)
  /usr/bin/python3 "${pictures[@]}" "$work/seven" 0,1,2,4,6,7,9 2000 200
  /usr/bin/python3 "${pictures[@]}" "$work/photos" 3,5,8 45 300
  base=$("$fovea" train resnet18 --data "$work/seven" --epochs 3 --batch-size 64 --lr 0.003 \
    --schedule onecycle --project "$work/runs" --quiet)
  own=$("$fovea" train resnet18 --data "$work/photos" --project "$work/runs" --quiet \
    --weights "$base/weights/best.safetensors")
  nothing=$("$fovea" train resnet18 --data "$work/photos" --project "$work/runs" --quiet)
  printf 'accept: from weights %s, from nothing %s\n' "$(accuracy_of "$own")" \
    "$(accuracy_of "$nothing")"
  awk -v own="$(accuracy_of "$own")" -v nothing="$(accuracy_of "$nothing")" \
    'BEGIN { exit !(own >= 0.9 && nothing < 0.6) }'
}

keep few
