#!/usr/bin/python3
"""Writes torchvision models with weights from a seed, and what they give, for zoo_agree.

    torchvision_cases.py DIRECTORY NAME...

NAME is a model of torchvision that Fovea has. DIRECTORY/NAME.weights.safetensors is its state
dict; DIRECTORY/NAME.expected.safetensors has the images `x` and in evaluation mode the `logits`,
and for a model with auxiliary classifiers what it gives in training mode too, without dropout. Its
metadata says how Fovea makes the model: `model`, and the other keys are options. Exit code 77
(skipped): no torchvision on this machine.
"""

import pathlib
import sys
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "golden"))

try:
    import torch
    import torchvision
    import safetensors_file
except ImportError as error:
    print(f"skipped: {error}", file=sys.stderr)
    sys.exit(77)

COUNT = 16  # batch norm over fewer values would blow up the rounding of all that comes before
SIDE = 64  # adaptive pooling and global means take any side; this one keeps the tests quick


def make(name):
    function = getattr(torchvision.models, name)
    options = {"weights": None}
    if name == "googlenet":
        options.update(init_weights=False, dropout=0.0, dropout_aux=0.0)
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(**options)


def give_statistics(model, images):
    """Running statistics of these images. Those of a new model, 0 and 1, would let deep networks'
    values vanish, and everything would agree."""
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None  # the plain average
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.1)
    model.train()
    model(images)


def write(path, tensors, metadata):
    arrays = {name: tensor.detach().contiguous().numpy() for name, tensor in tensors.items()}
    safetensors_file.write(path, arrays, metadata)


def main():
    directory = pathlib.Path(sys.argv[1])
    for name in sys.argv[2:]:
        model = make(name)
        images = torch.randn(COUNT, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
        with torch.no_grad():
            give_statistics(model, images)
            write(directory / f"{name}.weights.safetensors", model.state_dict(), {})
            expected, options = {"x": images}, {"model": name}
            model.eval()
            expected["logits"] = model(images)
            if getattr(model, "aux_logits", False):
                # by hooks: torchvision 0.14 gives each one's scores under the other's name
                for aux in ("aux1", "aux2"):
                    getattr(model, aux).register_forward_hook(
                        lambda _, x, y, key=f"train.{aux}": expected.__setitem__(key, y))
                model.train()
                expected["train.logits"] = model(images).logits
                options.update(dropout="0", dropout_aux="0")
        write(directory / f"{name}.expected.safetensors", expected, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
