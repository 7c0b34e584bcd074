"""NaN, infinities, zeros and extremes through operations that must say what they do.

For f64 only; compare with an equality in which NaN equals NaN. grad_y is 1. Denormals
are left out: Fovea flushes them.
"""

import torch
import torch.nn.functional as F

from recorder import Family

NAN, INF = float("nan"), float("inf")
VALUES = [NAN, INF, -INF, 0.0, -0.0, 1e-300, -1e-300, 709.0, -700.0, 1000.0, -1000.0,
          1e300, -1e300, 0.5, -0.5]


def add(family, op, values, function, **options):
    case = family.case(op, **options)
    x = case.input("x", torch.tensor(values, dtype=torch.float64))
    y = function(x)
    case.output(y, torch.ones_like(y))


def add_pool(family, kind, values, padding=0):
    case = family.case(f"{kind}_pool2d", kernel_size=[2, 2], stride=[2, 2],
                       padding=[padding, padding], dilation=[1, 1], ceil_mode=False)
    x = case.input("x", torch.tensor(values, dtype=torch.float64)[None, None])
    sign = 1.0 if kind == "max" else -1.0
    y, indices = F.max_pool2d(sign * x, 2, 2, padding, return_indices=True)
    case.keep("indices", indices)
    case.output(sign * y, torch.ones_like(y))


def build():
    family = Family("special")
    add(family, "relu", VALUES, F.relu)
    add(family, "leaky_relu", VALUES, lambda x: F.leaky_relu(x, 0.1), negative_slope=0.1)
    add(family, "sigmoid", VALUES, torch.sigmoid)
    add(family, "tanh", VALUES, torch.tanh)
    add(family, "exp", VALUES, torch.exp)
    add(family, "log", VALUES, torch.log)
    add(family, "sqrt", VALUES, torch.sqrt)
    add(family, "abs", VALUES, torch.abs)
    add(family, "clamp", VALUES, lambda x: torch.clamp(x, -1.0, 2.0), min=-1.0, max=2.0)
    # the tails of these: where PyTorch's own values are finite
    tails = [100.0, -100.0, 40.0, -40.0, 9.0, -9.0, 0.0, -0.0, 1e-300]
    for mode in ("none", "tanh"):
        add(family, "gelu", tails, lambda x: F.gelu(x, approximate=mode), approximate=mode)
    add(family, "silu", tails, F.silu)

    for op, function in (("softmax", F.softmax), ("log_softmax", F.log_softmax)):
        for row in ([0.0, -INF, 1.0], [1e300, 0.0, -1e300], [NAN, 1.0, 2.0],
                    [INF, 0.0, 1.0], [-INF, -INF, -INF]):
            add(family, op, row, lambda x: function(x, 0), dim=0)

    rows = [[1.0, NAN, 3.0], [NAN, NAN, 0.0], [INF, 1.0, -INF], [-INF, -INF, -INF],
            [0.0, -0.0, -1.0], [3.0, 3.0, NAN]]
    for op in ("max", "min"):
        for row in rows:
            case = family.case(op, dim=0, keepdim=False)
            x = case.input("x", torch.tensor(row, dtype=torch.float64))
            y, index = getattr(torch, op)(x, 0)
            case.keep("indices", index)
            case.output(y, torch.ones_like(y))
    for op in ("sum", "mean"):
        for row in ([INF, 1.0, 2.0], [INF, -INF, 1.0], [NAN, 1.0, 1.0]):
            add(family, op, row, lambda x: getattr(torch, op)(x, 0), dim=[0], keepdim=False)

    for kind in ("max", "min"):
        add_pool(family, kind, [[1.0, NAN, 2.0, 3.0], [4.0, 5.0, NAN, 1.0],
                                [-INF, -INF, INF, INF], [-INF, -INF, 0.0, INF]])
        add_pool(family, kind, [[-INF, INF], [INF, -INF]], padding=1)
        add_pool(family, kind, [[0.0, -0.0], [-0.0, 0.0]])
    return family
