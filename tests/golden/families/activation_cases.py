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
SHAPES = [((), 1.0), ((1,), 1.0), ((37,), 3.0), ((3, 5, 7), 1.0), ((2, 3, 4, 5), 20.0)]
SOFTMAX = [((7,), 0), ((3, 10), 1), ((3, 10), 0), ((3, 10), -1), ((2, 3, 5), 1),
           ((2, 5, 3, 4), 1), ((2, 5, 3, 4), -1), ((2, 5, 3, 4), -2), ((2, 3, 2, 3, 4), 2),
           ((4, 1), 1), ((5, 33), 1)]


def add(family, op, options, function, shape, scale):
    case = family.case(op, **options)
    x = case.input("x", case.randn(*shape, scale=scale))
    case.output(function(x))


def build():
    family = Family("activation")
    for op, options, function in ELEMENTWISE:
        for shape, scale in SHAPES:
            add(family, op, options, function, shape, scale)
        # the kink, and the two zeros
        case = family.case(op, **options)
        x = case.input("x", torch.tensor([-2.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0],
                                         dtype=torch.float64))
        case.output(function(x))
    for op, function in (("softmax", F.softmax), ("log_softmax", F.log_softmax)):
        for shape, dim in SOFTMAX:
            add(family, op, {"dim": dim}, lambda x: function(x, dim), shape, 2.0)
        # exp would overflow, or every term but one underflow
        add(family, op, {"dim": 1}, lambda x: function(x, 1), (4, 6), 1000.0)
    return family
