#!/usr/bin/python3
"""Loads weights that Fovea trained into PyTorch, strictly, and prints how they score.

    check_torch_loads.py [--model fashion-cnn|fashion-dnn] [--data-root ROOT] [--json] FILE

The model's name is read from the metadata (fovea.model) unless given. The file is read by
the `safetensors` package where it is installed, else by safetensors_file.py. Exit codes: 0
loaded; 1 the file does not load; 77 (skipped) no PyTorch, or no data set, on this machine.
"""

import argparse
import json
import pathlib
import sys

SKIPPED = 77

try:
    import torch
    import fashion
    import safetensors_file
except ImportError as error:
    print(f"skipped: {error}", file=sys.stderr)
    sys.exit(SKIPPED)


def read(path):
    """Returns (state_dict, metadata, name of the reader)."""
    tensors, metadata = safetensors_file.read(path)
    try:
        from safetensors.torch import load_file
    except ImportError:
        state = {name: torch.from_numpy(array) for name, array in tensors.items()}
        return state, metadata, "safetensors_file.py"
    return load_file(path), metadata, "safetensors package"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--model", choices=sorted(fashion.MODELS))
    parser.add_argument("--data-root", type=pathlib.Path, default=fashion.DATA.parent,
                        help="holds fashion-mnist/ (default %(default)s)")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()

    data = arguments.data_root / "fashion-mnist"
    if not (data / "t10k-images-idx3-ubyte.gz").exists():
        print(f"skipped: no Fashion-MNIST in {data}", file=sys.stderr)
        return SKIPPED
    try:
        state, metadata, reader = read(arguments.file)
        name = arguments.model or metadata.get("fovea.model", "fashion-cnn")
        if name not in fashion.MODELS:
            raise ValueError(f"no such model here: {name}")
        model = fashion.MODELS[name]()
        model.load_state_dict(state, strict=True)
        # PyTorch forgives a missing num_batches_tracked and converts dtypes: here neither
        for key, expected in fashion.MODELS[name]().state_dict().items():
            if key not in state or state[key].dtype != expected.dtype:
                raise ValueError(f"{key}: expected {expected.dtype}, "
                                 f"got {state[key].dtype if key in state else 'nothing'}")
    except Exception as error:  # whatever it is, the file does not load
        print(f"{arguments.file}: {error}", file=sys.stderr)
        return 1
    images, labels = fashion.load(train=False, root=data)
    accuracy, loss = fashion.judge(fashion.logits_of(model, images), labels)
    if arguments.json:
        print(json.dumps({"model": name, "reader": reader, "samples": len(labels),
                          "accuracy": accuracy, "loss": loss}))
    else:
        print(f"{name}, read by {reader}: accuracy {accuracy:.4f}, loss {loss:.9f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
