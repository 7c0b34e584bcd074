"""Elementwise activations, softmax and log-softmax over various dimensions."""

import torch
import torch.nn.functional as F

from recorder import Family

# name in the metadata, options, function
ELEMENTWISE = [
    ("relu", {}, F.relu),
    ("leaky_relu", {"negative_slope": 0.01}, lambda x: F.leaky_relu(x, 0.01)),
    ("leaky_relu", {"negative_slope": 0.2}, lambda x: F.leaky_relu(x, 0.2)),
    ("sigmoid", {}, torch.sigmoid),
    ("tanh", {}, torch.tanh),
    ("gelu", {"approximate": "none"}, lambda x: F.gelu(x, approximate="none")),
    ("gelu", {"approximate": "tanh"}, lambda x: F.gelu(x, approximate="tanh")),
    ("silu", {}, F.silu),
]
# as above, for those that came later: at the end of the file, so that the others keep their numbers
MORE = [
    ("softplus", {}, F.softplus),
    ("elu", {"alpha": 1.0}, F.elu),
    ("elu", {"alpha": 0.3}, lambda x: F.elu(x, 0.3)),
    ("selu", {}, F.selu),
    ("celu", {"alpha": 1.0}, F.celu),
    ("celu", {"alpha": 2.5}, lambda x: F.celu(x, 2.5)),
    ("hardsigmoid", {}, F.hardsigmoid),
    ("hardswish", {}, F.hardswish),
    ("softsign", {}, F.softsign),
    ("mish", {}, F.mish),
    ("threshold", {"threshold": 0.25, "value": -1.5}, lambda x: F.threshold(x, 0.25, -1.5)),
]
# and these last: their bounds, where the gradient is 0, are among the values
LATEST = [
    ("hardtanh", {"min_val": -1.0, "max_val": 1.0}, F.hardtanh),
    ("hardtanh", {"min_val": -0.5, "max_val": 2.0}, lambda x: F.hardtanh(x, -0.5, 2.0)),
    ("relu6", {}, F.relu6),
]
ROWS = [
    ("logsigmoid", {}, F.logsigmoid),
    ("tanhshrink", {}, F.tanhshrink),
]
PRELU = [((4,), 1), ((3, 5), 1), ((3, 5), 5), ((2, 3, 4), 3), ((2, 3, 4, 5), 3)]
SHAPES = [((), 1.0), ((1,), 1.0), ((37,), 3.0), ((3, 5, 7), 1.0), ((2, 3, 4, 5), 20.0)]
SOFTMAX = [((7,), 0), ((3, 10), 1), ((3, 10), 0), ((3, 10), -1), ((2, 3, 5), 1),
           ((2, 5, 3, 4), 1), ((2, 5, 3, 4), -1), ((2, 5, 3, 4), -2), ((2, 3, 2, 3, 4), 2),
           ((4, 1), 1), ((5, 33), 1)]


def add(family, op, options, function, shape, scale):
    case = family.case(op, **options)
    x = case.input("x", case.randn(*shape, scale=scale))
    case.output(function(x))


# the kink, and the two zeros
KINKS = [-2.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0]


def add_elementwise(family, op, options, function, kinks=KINKS):
    for shape, scale in SHAPES:
        add(family, op, options, function, shape, scale)
    case = family.case(op, **options)
    x = case.input("x", torch.tensor(kinks, dtype=torch.float64))
    case.output(function(x))


def build():
    family = Family("activation")
    for op, options, function in ELEMENTWISE:
        add_elementwise(family, op, options, function)
    for op, function in (("softmax", F.softmax), ("log_softmax", F.log_softmax)):
        for shape, dim in SOFTMAX:
            add(family, op, {"dim": dim}, lambda x: function(x, dim), shape, 2.0)
        # exp would overflow, or every term but one underflow
        add(family, op, {"dim": 1}, lambda x: function(x, 1), (4, 6), 1000.0)
    for op, options, function in MORE:
        add_elementwise(family, op, options, function)
    for shape, slopes in PRELU:
        case = family.case("prelu")
        x = case.input("x", case.randn(*shape))
        case.output(F.prelu(x, case.input("weight", case.randn(slopes))))
    for op, options, function in LATEST:
        add_elementwise(family, op, options, function, KINKS + [5.5, 6.0, 6.5])
    for op, options, function in ROWS:
        add_elementwise(family, op, options, function)
    return family
