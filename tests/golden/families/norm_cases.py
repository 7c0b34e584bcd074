"""Batch normalisation, train and eval, and local response normalisation.

`running_mean` and `running_var` are the values before the call; the ones after
it are `running_mean_after` and `running_var_after`. The batch's own variance is
biased (divided by n); the running one is unbiased (divided by n - 1).
"""

import torch.nn.functional as F

from recorder import Family


def add_batch_norm(family, dims, x_shape, training, affine=True, running=True, momentum=0.1,
                   eps=1e-5, scale=1.0, shift=0.0):
    case = family.case(f"batch_norm{dims}d", training=training, affine=affine,
                       track_running_stats=running, momentum=momentum, eps=eps)
    channels = x_shape[1]
    values = (case.randn(*x_shape) * scale + shift).float().double()
    x = case.input("x", values)
    weight = case.input("weight", case.rand(channels, low=0.5, high=1.5)) if affine else None
    bias = case.input("bias", case.randn(channels)) if affine else None
    mean = var = None
    if running:
        mean = case.keep("running_mean", case.randn(channels)).clone()
        var = case.keep("running_var", case.rand(channels, low=0.3, high=2.0)).clone()
    y = F.batch_norm(x, mean, var, weight, bias, training or not running, momentum, eps)
    if running:
        case.keep("running_mean_after", mean)
        case.keep("running_var_after", var)
    case.output(y)


def add_lrn(family, x_shape, size, alpha=1e-4, beta=0.75, k=1.0):
    case = family.case("local_response_norm", size=size, alpha=alpha, beta=beta, k=k)
    x = case.input("x", case.randn(*x_shape))
    case.output(F.local_response_norm(x, size, alpha, beta, k))


def build():
    family = Family("norm")
    shapes = [(1, (5, 3)), (1, (16, 17)), (1, (3, 4, 7)), (2, (4, 3, 5, 6)), (2, (1, 5, 3, 3)),
              (2, (2, 33, 4, 3)), (3, (2, 3, 3, 4, 5))]
    for dims, shape in shapes:
        for training in (True, False):
            for affine in (True, False):
                add_batch_norm(family, dims, shape, training, affine)
    add_batch_norm(family, 2, (3, 4, 5, 5), True, momentum=0.0)
    add_batch_norm(family, 2, (3, 4, 5, 5), True, momentum=1.0)
    add_batch_norm(family, 2, (3, 4, 5, 5), True, momentum=0.37, eps=1e-3)
    add_batch_norm(family, 2, (3, 4, 5, 5), False, eps=0.1)
    add_batch_norm(family, 1, (2, 3), True)
    add_batch_norm(family, 2, (2, 3, 1, 1), True)
    # no running statistics: the batch's own, in training and in evaluation
    add_batch_norm(family, 2, (3, 4, 5, 5), True, running=False)
    add_batch_norm(family, 2, (3, 4, 5, 5), False, running=False)
    add_batch_norm(family, 1, (6, 4), True, affine=False, running=False)
    # a mean far above the deviation, and values so small that eps rules
    add_batch_norm(family, 2, (3, 4, 5, 5), True, scale=0.125, shift=100.0)
    add_batch_norm(family, 2, (3, 4, 6, 5), True, scale=1e-4)

    add_lrn(family, (2, 7, 4, 5), 5)
    add_lrn(family, (2, 7, 4, 5), 5, alpha=0.5, beta=0.75, k=2.0)
    add_lrn(family, (2, 6, 3, 3), 2, alpha=0.3, beta=0.5, k=1.5)
    add_lrn(family, (2, 6, 3, 3), 4, alpha=0.9, beta=1.25, k=1.0)
    add_lrn(family, (1, 3, 4, 4), 7, alpha=0.7, beta=0.75, k=2.0)
    add_lrn(family, (2, 5, 2, 2), 1, alpha=1.0, beta=0.6, k=1.0)
    add_lrn(family, (3, 5, 8), 3, alpha=0.8, beta=0.75, k=1.0)
    add_lrn(family, (1, 5, 2, 3, 4), 3, alpha=0.8, beta=0.75, k=1.0)
    return family
