#!/usr/bin/env bash
# What `fovea explain` promises of trained models, as far as it takes too long for the suite: some
# minutes on two cores.
#
#     explain.sh BUILD_DIR [layer]...
#
#   layer   of 200 values each of a trained fashion-cnn, lenet5, vgg11_bn and googlenet for small
#           images, and of an ONNX import, what `explain layer` says follows from what was read: to
#           the bit, or within 1e-6 of the products where the kernel adds in another order
source "$(dirname "$0")/../support/accept.sh"

# trained NAME FLAG...: the weights of a short training on Fashion-MNIST.
trained() {
  local run
  run=$("$fovea" train "$@" --epochs 1 --limit-test 1000 --project "$work/runs" --name "$1" --quiet)
  printf '%s\n' "$run/weights/last.safetensors"
}

part_layer() {
  local weights=() name
  weights=("$(trained fashion-cnn)" "$(trained lenet5)")
  for name in vgg11_bn googlenet; do
    weights+=("$(trained "$name" --limit-train 3000 --batch-size 50)")
  done
  "$fovea" export --weights "${weights[0]}" --output "$work/fashion-cnn.onnx"
  /usr/bin/python3 "$source/tests/accept/explain_layer.py" "$fovea" "${weights[@]}" \
    "$work/fashion-cnn.onnx"
}

keep layer
