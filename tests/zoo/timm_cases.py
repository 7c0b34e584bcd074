"""Writes timm's models with weights from a seed, and what they give, for zoo_agree.

    timm_cases.py DIRECTORY NAME...

NAME is Fovea's name of a model that timm has too; what is written is as of torchvision_cases.py,
under timm's names of tensors. Exit code 77 (skipped): no timm on this machine.
"""

import pathlib
import sys
import warnings

import torchvision_cases as cases

try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import timm
        import torch
except ImportError as error:
    print(f"skipped: {error}", file=sys.stderr)
    sys.exit(77)

NAMES = {"mobilenet_v2": "mobilenetv2_100"}


def main():
    directory = pathlib.Path(sys.argv[1])
    for name in sys.argv[2:]:
        torch.manual_seed(0)
        model = timm.create_model(NAMES.get(name, name))
        images = torch.randn(cases.COUNT, 3, cases.SIDE, cases.SIDE,
                             generator=torch.Generator().manual_seed(1))
        with torch.no_grad():
            cases.give_statistics(model, images)
            cases.write(directory / f"{name}.weights.safetensors", model.state_dict(), {})
            model.eval()
            cases.write(directory / f"{name}.expected.safetensors",
                        {"x": images, "logits": model(images)}, {"model": name})
    return 0


if __name__ == "__main__":
    sys.exit(main())
