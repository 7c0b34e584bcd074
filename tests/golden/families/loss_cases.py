"""Losses. `y` is 0-d for the reductions "mean" and "sum".

Class weights are the tensor `weight` (no gradient), targets the i64 tensor
`target`; for mse_loss and bce_with_logits `target` is f64.
"""

import torch.nn.functional as F

from recorder import Family

REDUCTIONS = ("mean", "sum", "none")


def draw_target(case, x_shape, ignore_index, ignored):
    target = case.randint(0, x_shape[1], x_shape[0], *x_shape[2:])
    if ignored:
        flat = target.view(-1)
        flat[::3] = ignore_index
        flat[1] = (ignore_index + 1) % x_shape[1]
    return target


def add_classes(family, op, x_shape, reduction, weighted, label_smoothing=0.0,
                ignore_index=-100, ignored=False, scale=1.0):
    """cross_entropy on logits or nll_loss on log-probabilities."""
    smoothing = {"label_smoothing": label_smoothing} if op == "cross_entropy" else {}
    case = family.case(op, reduction=reduction, weight=weighted, ignore_index=ignore_index,
                       **smoothing)
    values = case.randn(*x_shape, scale=scale)
    if op == "nll_loss":
        values = F.log_softmax(values, 1).float().double()
    x = case.input("x", values)
    target = case.keep("target", draw_target(case, x_shape, ignore_index, ignored))
    weight = case.keep("weight", case.rand(x_shape[1], low=0.2, high=2.0)) if weighted else None
    function = F.cross_entropy if op == "cross_entropy" else F.nll_loss
    case.output(function(x, target, weight=weight, ignore_index=ignore_index,
                         reduction=reduction, **smoothing))


def add_probabilities(family, x_shape, reduction, weighted, label_smoothing=0.0):
    """cross_entropy against probabilities, which have a gradient too."""
    case = family.case("cross_entropy", reduction=reduction, weight=weighted, ignore_index=-100,
                       label_smoothing=label_smoothing, target="probabilities")
    x = case.input("x", case.randn(*x_shape))
    target = case.input("target", F.softmax(case.randn(*x_shape), 1).float().double())
    weight = case.keep("weight", case.rand(x_shape[1], low=0.2, high=2.0)) if weighted else None
    case.output(F.cross_entropy(x, target, weight=weight, reduction=reduction,
                                label_smoothing=label_smoothing))


def add_mse(family, shape, reduction):
    case = family.case("mse_loss", reduction=reduction)
    x = case.input("x", case.randn(*shape))
    target = case.input("target", case.randn(*shape))
    case.output(F.mse_loss(x, target, reduction=reduction))


def add_bce(family, shape, reduction, weight_shape=None, pos_weight_shape=None, scale=1.0):
    case = family.case("bce_with_logits", reduction=reduction, weight=weight_shape is not None,
                       pos_weight=pos_weight_shape is not None)
    x = case.input("x", case.randn(*shape, scale=scale))
    target = case.keep("target", case.rand(*shape))
    weight = pos_weight = None
    if weight_shape is not None:
        weight = case.keep("weight", case.rand(*weight_shape, low=0.2, high=2.0))
    if pos_weight_shape is not None:
        pos_weight = case.keep("pos_weight", case.rand(*pos_weight_shape, low=0.2, high=5.0))
    case.output(F.binary_cross_entropy_with_logits(x, target, weight, reduction=reduction,
                                                   pos_weight=pos_weight))


def build():
    family = Family("loss")
    for reduction in REDUCTIONS:
        for weighted in (False, True):
            for label_smoothing in (0.0, 0.1):
                for shape in ((7, 5), (4, 3, 2, 5)):
                    add_classes(family, "cross_entropy", shape, reduction, weighted,
                                label_smoothing)
                # ignore_index: the default -100, and a class of its own
                add_classes(family, "cross_entropy", (8, 6), reduction, weighted,
                            label_smoothing, ignore_index=-100, ignored=True)
                add_classes(family, "cross_entropy", (3, 6, 4), reduction, weighted,
                            label_smoothing, ignore_index=2, ignored=True)
            for shape in ((7, 5), (4, 3, 2, 5)):
                add_classes(family, "nll_loss", shape, reduction, weighted)
            add_classes(family, "nll_loss", (8, 6), reduction, weighted, ignore_index=2,
                        ignored=True)
    add_classes(family, "cross_entropy", (100, 10), "mean", False)
    add_classes(family, "cross_entropy", (1, 10), "mean", False, label_smoothing=1.0)
    add_classes(family, "cross_entropy", (3, 1), "mean", False)
    add_classes(family, "cross_entropy", (6, 4), "none", False, scale=1000.0)
    add_classes(family, "cross_entropy", (6, 4), "mean", False, 0.2, scale=1000.0)

    for reduction in REDUCTIONS:
        for weighted in (False, True):
            for label_smoothing in (0.0, 0.1):
                for shape in ((7, 5), (4, 3, 2, 5)):
                    add_probabilities(family, shape, reduction, weighted, label_smoothing)

    for reduction in REDUCTIONS:
        for shape in ((5,), (3, 4), (2, 3, 4, 5)):
            add_mse(family, shape, reduction)
        for shape, weight, pos_weight in [((7,), None, None), ((4, 3), None, (3,)),
                                          ((4, 3), (4, 3), None), ((4, 3), (3,), (3,)),
                                          ((4, 3), (4, 1), None), ((2, 3, 4), None, (3, 1))]:
            add_bce(family, shape, reduction, weight, pos_weight)
        add_bce(family, (4, 6), reduction, scale=500.0)
    return family
