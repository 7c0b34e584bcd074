"""What an initialiser draws from: `bound` of a uniform, `std` of a normal distribution.

Values themselves depend on the generator. `fans` is [fan_in, fan_out], `gain` 0-d.
Default initialisation of a layer gives `weight_bound` and `bias_bound`.
"""

import math

import torch
from torch.nn import init

from recorder import Family

SHAPES = [[120, 600], [32, 1, 3, 3], [64, 32, 3, 3], [8, 4, 5], [16, 2, 3, 1, 2]]


def f64(value):
    return torch.tensor(value, dtype=torch.float64)


def add(family, op, shape, factor, fan, **options):
    """Kaiming: gain / sqrt(fan). Xavier: gain * sqrt(2 / (fan_in + fan_out))."""
    case = family.case(op, shape=shape, **options)
    fans = init._calculate_fan_in_and_fan_out(torch.empty(shape))
    if fan == "both":
        std = factor * math.sqrt(2.0 / sum(fans))
    else:
        std = factor / math.sqrt(fans[0] if fan == "fan_in" else fans[1])
    case.keep("fans", torch.tensor(fans))
    case.keep("gain", f64(factor))
    if op.endswith("uniform"):
        case.keep("bound", f64(math.sqrt(3.0) * std))
    else:
        case.keep("std", f64(std))
    check(op, shape, options, std)


def check(op, shape, options, std):
    """PyTorch's own draw, repeated until it is large, must have this deviation."""
    function = getattr(init, f"{op}_")
    values = torch.stack([function(torch.empty(shape), **options).flatten()
                          for _ in range(1 + 40000 // math.prod(shape))])
    assert abs(values.std().item() / std - 1) < 0.03, (op, shape, options)


def build():
    torch.manual_seed(0)
    family = Family("init")
    for shape in SHAPES:
        for kind in ("uniform", "normal"):
            for mode in ("fan_in", "fan_out"):
                for nonlinearity, a in (("relu", 0.0), ("leaky_relu", 0.2), ("linear", 0.0)):
                    add(family, f"kaiming_{kind}", shape, init.calculate_gain(nonlinearity, a),
                        mode, mode=mode, nonlinearity=nonlinearity, a=a)
            for gain in (1.0, init.calculate_gain("tanh")):
                add(family, f"xavier_{kind}", shape, gain, "both", gain=gain)
        # the default of Linear and Conv: kaiming_uniform with a = sqrt(5), that is 1/sqrt(fan_in)
        case = family.case("default", shape=shape)
        fan_in, _ = init._calculate_fan_in_and_fan_out(torch.empty(shape))
        gain = init.calculate_gain("leaky_relu", math.sqrt(5))
        case.keep("weight_bound", f64(math.sqrt(3.0) * gain / math.sqrt(fan_in)))
        case.keep("bias_bound", f64(1 / math.sqrt(fan_in)))
    return family
