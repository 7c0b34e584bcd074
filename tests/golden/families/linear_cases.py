"""linear: y = x W^T + b, weight [out, in], over inputs of one to four dimensions."""

import torch.nn.functional as F

from recorder import Family


def add(family, x_shape, out_features, bias):
    case = family.case("linear", in_features=x_shape[-1], out_features=out_features, bias=bias)
    x = case.input("x", case.randn(*x_shape))
    weight = case.input("weight", case.randn(out_features, x_shape[-1]))
    b = case.input("bias", case.randn(out_features)) if bias else None
    case.output(F.linear(x, weight, b))


def build():
    family = Family("linear")
    for bias in (True, False):
        for x_shape, out_features in [((5,), 3), ((1, 1), 1), ((4, 5), 3), ((1, 9), 10),
                                      ((7, 33), 17), ((16, 64), 32), ((2, 3, 5), 4),
                                      ((2, 1, 3, 6), 5), ((3, 100), 1)]:
            add(family, x_shape, out_features, bias)
    return family
