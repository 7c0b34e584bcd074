#!/usr/bin/python3
"""Models move between Fovea, PyTorch and ONNX Runtime, and give the same numbers everywhere.

    onnx_exchange.py FOVEA MODEL...

For each model of torchvision, with weights drawn from a seed:
  its state_dict, as safetensors, is exported by `fovea export`, plain and folded: onnx's checker,
  with full shape inference, accepts the file, and ONNX Runtime computes from it what PyTorch does;
  what PyTorch exports is run by `fovea run`, with the same result.
Needs torch, torchvision, onnx, safetensors and onnxruntime: ./dev setup test python.
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
import torch
import torchvision
from safetensors.torch import save_file

# Outputs are compared relative to their largest value: sums of random weights have no scale of
# their own.
TOLERANCE = 1e-4


def model_and_input(name):
    """The network with running statistics that are not the initial ones, and a batch of two."""
    torch.manual_seed(1)
    extra = {"aux_logits": False, "init_weights": True} if name == "googlenet" else {}
    model = getattr(torchvision.models, name)(weights=None, **extra)
    image = torch.rand(2, 3, 224, 224)
    model.train()
    with torch.no_grad():
        if any(isinstance(m, torch.nn.BatchNorm2d) for m in model.modules()):
            model(torch.rand(4, 3, 224, 224))
    return model.eval(), image


def difference(actual, expected):
    assert actual.shape == expected.shape, (actual.shape, expected.shape)
    return float(np.abs(actual - expected).max() / np.abs(expected).max())


def run_onnxruntime(path, image):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: image})[0]


def check(fovea, name, folder):
    model, image = model_and_input(name)
    with torch.no_grad():
        expected = model(image).numpy()
    weights = folder / f"{name}.safetensors"
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, weights)
    errors = {}
    for kind, flags in {"export": [], "export --fold": ["--fold"]}.items():
        path = folder / "ours.onnx"
        subprocess.run([fovea, "export", "--weights", weights, "--model", name, "--output", path]
                       + flags, check=True)
        onnx.checker.check_model(str(path), full_check=True)
        errors[kind] = difference(run_onnxruntime(path, image.numpy()), expected)
    theirs = folder / "theirs.onnx"
    torch.onnx.export(model, image, str(theirs), opset_version=13, input_names=["input"],
                      dynamic_axes={"input": {0: "n"}})
    np.save(folder / "x.npy", image.numpy())
    subprocess.run([fovea, "run", theirs, "--input", folder / "x.npy", "--output",
                    folder / "y.npy"], check=True)
    errors["run"] = difference(np.load(folder / "y.npy"), expected)
    print(name, " ".join(f"{kind}: {error:.1e}" for kind, error in errors.items()), flush=True)
    return all(error <= TOLERANCE for error in errors.values())


def main():
    fovea = pathlib.Path(sys.argv[1]).resolve()
    good = True
    for name in sys.argv[2:]:
        with tempfile.TemporaryDirectory() as folder:
            good = check(fovea, name, pathlib.Path(folder)) and good
    sys.exit(0 if good else 1)


main()
