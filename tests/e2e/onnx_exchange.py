#!/usr/bin/python3
"""Models move between Fovea, PyTorch and ONNX Runtime, and give the same numbers everywhere.

    onnx_exchange.py FOVEA exchange MODEL...
    onnx_exchange.py FOVEA import MODEL...
    onnx_exchange.py FOVEA export WEIGHTS...

exchange: for each model of torchvision that Fovea has, with weights drawn from a seed: its
  state_dict, as safetensors, is exported by `fovea export`, plain and folded; onnx's checker, with
  full shape inference, accepts the file, and ONNX Runtime computes from it what PyTorch does. What
  PyTorch exports is run by `fovea run`, with the same result.
import: the second half alone, for any model of torchvision.
export: the first half for weights of Fovea's own, compared with `fovea run` of the weights.
Needs torch, torchvision, onnx, safetensors and onnxruntime: ./dev setup peers.
"""

import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
import torchvision
from safetensors import safe_open
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import save_file

# Outputs are compared relative to their largest value: sums of random weights have no scale of
# their own.
TOLERANCE = 1e-4
# What two images' outputs must differ by, or agreement would say nothing about what lies between.
LEAST_SIGNAL = 1e-3


def torchvision_model(name):
    """The network, and a batch of two images. Its running statistics are those of some images: 0
    and 1, as in a new network, would let the values of deep ones vanish."""
    torch.manual_seed(1)
    extra = {}
    if name in ("googlenet", "inception_v3"):
        extra = {"aux_logits": False, "init_weights": True}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = getattr(torchvision.models, name)(weights=None, **extra)
    side = 299 if name == "inception_v3" else 224
    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None  # the plain average
    model.train()
    if norms:
        with torch.no_grad():
            model(torch.rand(8, 3, side, side))
    return model.eval(), torch.rand(2, 3, side, side)


def drawn_anew(weights, folder):
    """The file with weights by He's rule where nothing normalises what flows through the network:
    by the first ones, which a short training hardly changes, two images' outputs would be the
    same."""
    with safe_open(weights, "np") as file:
        tensors, metadata = {name: file.get_tensor(name) for name in file.keys()}, file.metadata()
    if any(name.endswith("running_var") for name in tensors):
        return weights
    random = np.random.default_rng(2)
    for name, tensor in tensors.items():
        spread = np.sqrt(2 / tensor[0].size) if tensor.ndim > 1 else 0
        tensors[name] = (random.standard_normal(tensor.shape) * spread).astype(np.float32)
    path = folder / "drawn.safetensors"
    save_arrays(tensors, path, metadata)
    return path


def difference(actual, expected):
    assert actual.shape == expected.shape, (actual.shape, expected.shape)
    scale = np.abs(expected).max()
    signal = np.abs(expected[0] - expected[1]).max() / scale
    assert signal >= LEAST_SIGNAL, f"outputs of two images differ by {signal:.1e} alone"
    return float(np.abs(actual - expected).max() / scale)


def run_onnxruntime(path, images):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: images})[0]


class Exchange:
    """What is done with one model, in a folder of its own."""

    def __init__(self, fovea, folder):
        self.fovea, self.folder = fovea, pathlib.Path(folder)

    def call(self, *words):
        subprocess.run([self.fovea, *words], check=True)

    def run_fovea(self, model, images):
        np.save(self.folder / "x.npy", images)
        self.call("run", model, "--input", self.folder / "x.npy", "--output", self.folder / "y.npy")
        return np.load(self.folder / "y.npy")

    def exported(self, weights, images, expected, flags=()):
        """How far from `expected` ONNX Runtime is, for both forms of what Fovea exports."""
        errors, path = {}, self.folder / "ours.onnx"
        for kind, more in {"export": [], "export --fold": ["--fold"]}.items():
            self.call("export", "--weights", weights, "--output", path, *flags, *more)
            onnx.checker.check_model(str(path), full_check=True)
            errors[kind] = difference(run_onnxruntime(path, images), expected)
        return errors

    def imported(self, model, images, expected):
        """How far from `expected` Fovea is, for what PyTorch exports."""
        path = self.folder / "theirs.onnx"
        torch.onnx.export(model, images, str(path), opset_version=13, input_names=["input"],
                          dynamic_axes={"input": {0: "n"}})
        return {"run": difference(self.run_fovea(path, images.numpy()), expected)}

    def exchange(self, name, both_ways=True):
        model, images = torchvision_model(name)
        with torch.no_grad():
            expected = model(images).numpy()
        errors = self.imported(model, images, expected)
        if both_ways:
            weights = self.folder / "weights.safetensors"
            save_file({k: v.contiguous() for k, v in model.state_dict().items()}, weights)
            more = ["--model-opt", "aux_logits=false"] if name == "googlenet" else []
            errors |= self.exported(weights, images.numpy(), expected, ["--model", name] + more)
        return errors

    def export(self, weights):
        with safe_open(weights, "np") as file:
            metadata = file.metadata()
        weights = drawn_anew(weights, self.folder)
        sides = [int(side) for side in metadata["fovea.input"].split("x")]
        images = np.random.default_rng(1).standard_normal((2, *sides), dtype=np.float32)
        errors = self.exported(weights, images, self.run_fovea(weights, images))
        return {f"{metadata['fovea.model']} {kind}": error for kind, error in errors.items()}


def main():
    fovea, task = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    good = len(sys.argv) > 3
    for name in sys.argv[3:]:
        with tempfile.TemporaryDirectory() as folder:
            exchange = Exchange(fovea, folder)
            if task == "export":
                errors = exchange.export(name)
            else:
                errors = exchange.exchange(name, both_ways=task == "exchange")
        agrees = all(error <= TOLERANCE for error in errors.values())
        print(name, ", ".join(f"{kind}: {error:.1e}" for kind, error in errors.items()),
              "" if agrees else "NO AGREEMENT", flush=True)
        good = good and agrees
    sys.exit(0 if good else 1)


main()
