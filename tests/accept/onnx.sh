#!/usr/bin/env bash
# What ONNX files promise, as far as it takes too long for the suite: an hour on two cores.
#
#     onnx.sh BUILD_DIR [exchange|import|export|memory]...
#
#   exchange  every model that torchvision has too goes to ONNX Runtime, plain and folded, and comes
#             from PyTorch, within 1e-4
#   import    other models of torchvision come from PyTorch within 1e-4
#   export    every model in its form for small images, after a short training on Fashion-MNIST,
#             goes to ONNX Runtime, plain and folded, within 1e-4 of what Fovea computes
#   memory    vgg16's 553 MB are loaded and run with less than 1.3 times that
source "$(dirname "$0")/../support/accept.sh"

# agree TASK NAME...: see tests/e2e/onnx_exchange.py.
agree() {
  "$source/tests/e2e/onnx_exchange.sh" "$source/build/python/bin/python" "$fovea" "$@"
}

part_exchange() {
  agree exchange alexnet vgg{11,13,16,19}{,_bn} googlenet resnet{18,34,50} \
    mobilenet_v2 squeezenet1_1
}

part_import() {
  agree import densenet121 efficientnet_b0 inception_v3 mnasnet1_0 mobilenet_v3_small \
    mobilenet_v3_large regnet_x_400mf regnet_y_400mf resnext50_32x4d shufflenet_v2_x1_0 \
    squeezenet1_0 wide_resnet50_2 convnext_tiny
}

# Fifty steps, after which running statistics are those of the data, not of a new network.
part_export() {
  local name run weights=()
  for name in fashion-cnn fashion-dnn fashion-fast lenet5 alexnet vgg{11,13,16,19}{,_bn} googlenet \
    resnet{18,34,50} mobilenet_v2 squeezenet1_1; do
    run=$("$fovea" train "$name" --epochs 1 --limit-train 200 --limit-test 100 --batch-size 4 \
      --lr 0.0001 --project "$work/runs" --name "$name" --quiet)
    weights+=("$run/weights/last.safetensors")
  done
  agree export "${weights[@]}"
}

# peak_of COMMAND...: the most memory that it had, in bytes.
peak_of() {
  /usr/bin/python3 - "$@" <<'PYTHON'
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=sys.stderr)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
PYTHON
}

part_memory() {
  local model=$work/vgg16.onnx bytes peak
  /usr/bin/python3 - "$work" <<'PYTHON'
import sys, numpy, torch, torchvision
torch.manual_seed(1)
model = torchvision.models.vgg16(weights=None).eval()
image = torch.rand(1, 3, 224, 224)
torch.onnx.export(model, image, sys.argv[1] + "/vgg16.onnx", dynamic_axes={"input": {0: "n"}},
                  input_names=["input"])
numpy.save(sys.argv[1] + "/x.npy", image.numpy())
PYTHON
  bytes=$(stat -c %s "$model")
  peak=$(peak_of "$fovea" run "$model" --input "$work/x.npy" --output "$work/y.npy")
  printf 'vgg16 run: %s bytes, at most %s in memory\n' "$bytes" "$peak"
  [[ $((peak * 10)) -lt $((bytes * 13)) ]]
}

keep exchange import export memory
