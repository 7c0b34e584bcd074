"""Collects the cases of one operation family and writes them to one file.

The format is described in README.md. Random numbers come from NumPy's PCG64,
seeded for each case from its own description, so that a new case leaves the
values of all others alone. They are rounded to f32 and kept as f64: a test may
run the same case in either precision with exactly the same inputs.
"""

import json
import zlib

import numpy as np
import torch

import safetensors_file


class Family:
    """The cases of one file."""

    def __init__(self, name):
        self.name = name
        self.cases = []

    def case(self, op, **options):
        """Starts a case; `options` is what its metadata lists beside `op`."""
        case = Case(self.name, {"op": op, **options})
        self.cases.append(case)
        return case

    def write(self, directory):
        tensors, metadata = {}, {"torch": torch.__version__}
        for number, case in enumerate(self.cases):
            prefix = f"case{number:03d}"
            metadata[prefix] = json.dumps(case.description)
            for name, array in case.arrays.items():
                tensors[f"{prefix}.{name}"] = array
        path = directory / f"{self.name}.safetensors"
        safetensors_file.write(path, tensors, metadata)
        return path


class Case:
    """One call of one operation: options, inputs, outputs, gradients."""

    def __init__(self, family, description):
        self.description = description
        self.arrays = {}
        self.leaves = {}
        seed = zlib.crc32(f"{family} {json.dumps(description)}".encode())
        self.rng = np.random.default_rng(seed)

    def randn(self, *shape, scale=1.0):
        """Normal deviates, exactly representable in f32."""
        values = self.rng.standard_normal(shape) * scale
        return torch.from_numpy(np.asarray(values, dtype=np.float32).astype(np.float64))

    def rand(self, *shape, low=0.0, high=1.0):
        """Uniform deviates, exactly representable in f32."""
        values = self.rng.uniform(low, high, shape)
        return torch.from_numpy(np.asarray(values, dtype=np.float32).astype(np.float64))

    def randint(self, low, high, *shape):
        """Whole numbers from [low, high) as i64."""
        return torch.from_numpy(np.asarray(self.rng.integers(low, high, shape)))

    def keep(self, name, tensor):
        """Stores a tensor under this name."""
        self.arrays[name] = tensor.detach().numpy().copy()
        return tensor

    def input(self, name, tensor, grad=True):
        """Stores an input and returns it, as a leaf of the tape if `grad`."""
        self.keep(name, tensor)
        if not grad:
            return tensor
        leaf = tensor.detach().clone().requires_grad_()
        self.leaves[name] = leaf
        return leaf

    def output(self, y, grad_y=None):
        """Stores y, draws grad_y unless given, and stores every input's gradient."""
        self.keep("y", y)
        if grad_y is None:
            grad_y = self.randn(*y.shape)
        self.keep("grad_y", grad_y)
        y.backward(grad_y)
        for name, leaf in self.leaves.items():
            grad = leaf.grad if leaf.grad is not None else torch.zeros_like(leaf)
            self.keep(f"grad_{name}", grad)
