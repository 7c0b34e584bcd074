"""pad: `pad` lists (before, after) pairs from the last dimension backwards, as in PyTorch."""

import torch.nn.functional as F

from recorder import Family


def add(family, x_shape, pad, mode="constant", value=0.0):
    case = family.case("pad", pad=list(pad), mode=mode, value=value)
    x = case.input("x", case.randn(*x_shape))
    if mode == "constant":
        case.output(F.pad(x, pad, mode, value))
    else:
        case.output(F.pad(x, pad, mode))


def build():
    family = Family("pad")
    add(family, (5,), (2, 3))
    add(family, (3, 4), (1, 2))
    add(family, (3, 4), (0, 1, 2, 0), value=-1.5)
    add(family, (2, 3, 4), (1, 0, 0, 2, 3, 1), value=0.25)
    add(family, (2, 3, 4, 5), (2, 2, 2, 2))
    add(family, (2, 3, 4, 5), (1, 2, 3, 0), value=2.0)
    add(family, (2, 3, 4, 5), (0, 1, 1, 0, 2, 1, 0, 3), value=7.0)
    add(family, (1, 2, 3, 2, 3), (1, 1, 0, 2, 1, 0))
    add(family, (2, 3, 4, 5), (0, 0, 0, 0))
    for mode in ("reflect", "replicate", "circular"):
        add(family, (2, 3, 4, 5), (1, 1, 1, 1), mode)
        add(family, (2, 3, 4, 5), (2, 1, 0, 3), mode)
        add(family, (1, 2, 5, 6), (4, 3, 2, 4), mode)
    add(family, (2, 2, 2, 3), (7, 4, 3, 5), "replicate")
    return family
