#!/usr/bin/env bash
# What the model zoo promises, as far as it takes too long for the suite: hours on two cores.
#
#     zoo.sh BUILD_DIR [scores|cost|train]...
#
#   scores   every model gives torchvision's scores with torchvision's weights, and timm's
#   cost     every small form stays below 0.3 GFLOP an image forward
#   train    on Fashion-MNIST: lenet5, vgg11_bn, googlenet and resnet18 pass 85 % after an epoch,
#            and lenet5 88 % after five; losses fall. Runs go below runs/accept
source "$(dirname "$0")/../support/accept.sh"

# Those of torchvision's models that Fovea has.
part_scores() {
  "$source/tests/zoo/torchvision_agrees.sh" "$build/tests/zoo_agree" alexnet \
    vgg{11,13,16,19} vgg{11,13,16,19}_bn googlenet resnet{18,34,50} mobilenet_v2 squeezenet1_1
  "$source/tests/zoo/timm_agrees.sh" "$source/build/python/bin/python" "$build/tests/zoo_agree" \
    vgg{11,13,16,19} vgg{11,13,16,19}_bn resnet{18,34,50} mobilenet_v2
}

# field JSON EXPRESSION: a Python expression of the document d.
field() {
  /usr/bin/python3 -c 'import json, sys; d = json.load(sys.stdin); print(eval(sys.argv[1]))' "$2" \
    <<<"$1"
}

part_cost() {
  local name summary kept=0
  for name in lenet5 alexnet vgg{11,13,16,19}{,_bn} googlenet resnet{18,34,50} mobilenet_v2 \
    squeezenet1_1; do
    summary=$("$fovea" summary "$name" --json --model-opt image_size=28 --model-opt in_channels=1 \
      --model-opt num_classes=10)
    printf '%-14s %s\n' "$name" "$(field "$summary" '"%.3f GFLOP" % (2e-9 * d["multiply_adds"])')"
    [[ $(field "$summary" 'd["multiply_adds"] < 150e6') == True ]] || kept=1
  done
  return $kept
}

# train_one NAME EPOCHS LEAST: trains and checks the accuracy on the test images.
train_one() {
  local name=$1 epochs=$2 least=$3 run accuracy
  run=$("$fovea" train "$name" --epochs "$epochs" --seed 0 --project runs/accept --name "$name" \
    --log-every 10 --quiet)
  accuracy=$(field "$(cat "$run/report.json")" 'd["accuracy"]')
  printf '%-10s %s epochs: accuracy %s in %s\n' "$name" "$epochs" "$accuracy" "$run"
  /usr/bin/python3 - "$run/steps.csv" "$accuracy" "$least" <<'PYTHON'
import csv, sys
losses = [float(row["loss"]) for row in csv.DictReader(open(sys.argv[1]))]
few = max(1, len(losses) // 10)
assert sum(losses[-few:]) < sum(losses[:few]), "the loss does not fall"
assert float(sys.argv[2]) > float(sys.argv[3]), f"accuracy expected above {sys.argv[3]}"
PYTHON
}

part_train() {
  local name kept=0
  train_one lenet5 5 0.88 || kept=1
  for name in lenet5 resnet18 vgg11_bn googlenet; do train_one "$name" 1 0.85 || kept=1; done
  return $kept
}

keep scores cost train
