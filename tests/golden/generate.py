#!/usr/bin/python3
"""Writes the golden data in this folder from PyTorch. See README.md.

    generate.py             the operation families, optimisers, printing
    generate.py conv pool   only these families
    generate.py --fashion   logits and losses of the two Fashion-MNIST models,
                            from the committed weights (needs the data set)
    generate.py --train     trains those weights anew first: they differ on another
                            CPU, and everything that depends on them with them
"""

import argparse
import importlib
import pathlib
import sys

import torch

HERE = pathlib.Path(__file__).resolve().parent
FAMILIES = ["conv", "conv_transpose", "pool", "norm", "layer_norm", "activation", "linear", "loss",
            "pad", "tensor", "special", "optim", "schedule", "clip", "init", "printing",
            "transform", "average", "fine_tuning", "sampler", "explain"]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("family", nargs="*", help=" ".join(FAMILIES))
    parser.add_argument("--fashion", action="store_true")
    parser.add_argument("--train", action="store_true")
    parser.add_argument("--output", type=pathlib.Path, default=HERE)
    arguments = parser.parse_args()
    unknown = set(arguments.family) - set(FAMILIES)
    if unknown:
        parser.error(f"unknown family: {' '.join(sorted(unknown))}")

    torch.set_num_threads(1)
    only_models = (arguments.fashion or arguments.train) and not arguments.family
    for name in arguments.family or ([] if only_models else FAMILIES):
        family = importlib.import_module(f"families.{name}_cases").build()
        path = family.write(arguments.output)
        print(f"{path.name}: {len(family.cases)} cases, {path.stat().st_size} bytes")
    if arguments.fashion or arguments.train:
        from families import fashion_goldens
        fashion_goldens.build(arguments.output, train=arguments.train)
    return 0


if __name__ == "__main__":
    sys.exit(main())
