"""Max, average, min and adaptive pooling in one, two and three dimensions.

PyTorch has no min pooling; it is -max_pool(-x), with the same options, and the
padding never wins. `indices` are flat positions in the spatial part of x.
"""

import torch.nn.functional as F

from recorder import Family

MAX = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
AVG = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}
ADAPTIVE = {1: F.adaptive_avg_pool1d, 2: F.adaptive_avg_pool2d, 3: F.adaptive_avg_pool3d}

ADAPTIVE_MAX = {1: F.adaptive_max_pool1d, 2: F.adaptive_max_pool2d, 3: F.adaptive_max_pool3d}


def per_dim(value, dims):
    return [value] * dims if isinstance(value, int) else list(value)


def add_max(family, x_shape, kernel, stride=None, padding=0, dilation=1, ceil_mode=False,
            ties=False, kinds=("max", "min")):
    """Both max and min pooling; `ties` draws x from few whole numbers."""
    dims = len(x_shape) - 2
    kernel = per_dim(kernel, dims)
    stride = kernel if stride is None else per_dim(stride, dims)
    padding, dilation = per_dim(padding, dims), per_dim(dilation, dims)
    for kind in kinds:
        case = family.case(f"{kind}_pool{dims}d", kernel_size=kernel, stride=stride,
                           padding=padding, dilation=dilation, ceil_mode=ceil_mode)
        values = case.randint(-1, 2, *x_shape).double() if ties else case.randn(*x_shape)
        x = case.input("x", values)
        sign = 1.0 if kind == "max" else -1.0
        y, indices = MAX[dims](sign * x, kernel, stride, padding, dilation, ceil_mode,
                               return_indices=True)
        case.keep("indices", indices)
        case.output(sign * y)


def add_avg(family, x_shape, kernel, stride=None, padding=0, ceil_mode=False,
            count_include_pad=True):
    dims = len(x_shape) - 2
    kernel = per_dim(kernel, dims)
    stride = kernel if stride is None else per_dim(stride, dims)
    padding = per_dim(padding, dims)
    case = family.case(f"avg_pool{dims}d", kernel_size=kernel, stride=stride, padding=padding,
                       ceil_mode=ceil_mode, count_include_pad=count_include_pad)
    x = case.input("x", case.randn(*x_shape))
    case.output(AVG[dims](x, kernel, stride, padding, ceil_mode, count_include_pad))


def add_adaptive(family, x_shape, output_size):
    dims = len(x_shape) - 2
    output_size = per_dim(output_size, dims)
    case = family.case(f"adaptive_avg_pool{dims}d", output_size=output_size)
    x = case.input("x", case.randn(*x_shape))
    case.output(ADAPTIVE[dims](x, output_size))


def add_adaptive_max(family, x_shape, output_size, ties=False):
    dims = len(x_shape) - 2
    output_size = per_dim(output_size, dims)
    case = family.case(f"adaptive_max_pool{dims}d", output_size=output_size)
    values = case.randint(-1, 2, *x_shape).double() if ties else case.randn(*x_shape)
    x = case.input("x", values)
    y, indices = ADAPTIVE_MAX[dims](x, output_size, return_indices=True)
    case.keep("indices", indices)
    case.output(y)


def build():
    family = Family("pool")

    add_max(family, (2, 3, 9), 2)
    add_max(family, (2, 3, 10), 3, stride=2, padding=1)
    add_max(family, (2, 3, 11), 2, stride=2, dilation=3, ceil_mode=True)
    add_max(family, (2, 2, 7), 3, stride=1, padding=1, ties=True)

    add_max(family, (2, 3, 8, 6), 2)
    add_max(family, (1, 1, 4, 4), 2)
    add_max(family, (2, 3, 7, 9), 2)
    add_max(family, (2, 3, 7, 9), 2, ceil_mode=True)
    add_max(family, (2, 3, 9, 11), 3, stride=2)
    add_max(family, (2, 3, 9, 11), 3, stride=2, padding=1)
    add_max(family, (2, 3, 10, 8), 3, stride=2, padding=1, ceil_mode=True)
    add_max(family, (2, 5, 7, 8), (2, 3), stride=(1, 2), padding=(1, 0))
    add_max(family, (2, 3, 9, 10), 3, stride=1, padding=1)
    add_max(family, (2, 3, 12, 11), (3, 2), stride=2, padding=(1, 1), dilation=(2, 3))
    add_max(family, (2, 3, 11, 12), 3, stride=3, dilation=2, padding=1, ceil_mode=True)
    add_max(family, (1, 17, 6, 6), 2)
    add_max(family, (1, 2, 10, 10), 2, stride=4)
    add_max(family, (2, 2, 8, 8), 2, ties=True)
    add_max(family, (2, 2, 7, 7), 3, stride=2, padding=1, ties=True)
    add_max(family, (2, 3, 5, 6), (5, 6))
    add_max(family, (2, 3, 1, 1), 1)
    # ceil_mode: a last window that would start in the padding is dropped
    add_max(family, (1, 1, 5, 5), 2, stride=3, padding=1, ceil_mode=True)

    add_max(family, (1, 2, 4, 6, 5), 2)
    add_max(family, (1, 2, 5, 6, 7), 3, stride=2, padding=1)
    add_max(family, (1, 2, 5, 7, 6), (1, 2, 3), stride=(1, 2, 2), ceil_mode=True)
    add_max(family, (1, 2, 6, 7, 6), 2, stride=1, dilation=(2, 1, 3), padding=(1, 0, 1))
    add_max(family, (1, 2, 4, 4, 4), 2, ties=True)

    for include in (True, False):
        add_avg(family, (2, 3, 9), 2, count_include_pad=include)
        add_avg(family, (2, 3, 10), 3, stride=2, padding=1, count_include_pad=include)
        add_avg(family, (2, 3, 10), 4, stride=3, padding=2, ceil_mode=True,
                count_include_pad=include)
        add_avg(family, (2, 3, 7, 9), 2, count_include_pad=include)
        add_avg(family, (2, 3, 7, 9), 2, ceil_mode=True, count_include_pad=include)
        add_avg(family, (2, 3, 9, 11), 3, stride=2, padding=1, count_include_pad=include)
        add_avg(family, (2, 3, 10, 8), 3, stride=2, padding=1, ceil_mode=True,
                count_include_pad=include)
        add_avg(family, (2, 5, 7, 8), (2, 3), stride=(1, 2), padding=(1, 0),
                count_include_pad=include)
        add_avg(family, (1, 1, 5, 5), 2, stride=3, padding=1, ceil_mode=True,
                count_include_pad=include)
        add_avg(family, (1, 17, 6, 6), 3, stride=1, padding=1, count_include_pad=include)
        add_avg(family, (1, 2, 4, 6, 5), 2, count_include_pad=include)
        add_avg(family, (1, 2, 5, 6, 7), 3, stride=2, padding=1, count_include_pad=include)
        add_avg(family, (1, 2, 5, 7, 6), (3, 2, 4), stride=(2, 3, 3), padding=(1, 0, 2),
                ceil_mode=True, count_include_pad=include)
    add_avg(family, (1, 1, 4, 4), 2)
    add_avg(family, (1, 2, 10, 10), 2, stride=4)

    add_adaptive(family, (2, 3, 10), 4)
    add_adaptive(family, (2, 3, 7), 1)
    add_adaptive(family, (2, 3, 5), 8)
    add_adaptive(family, (2, 3, 7, 7), 1)
    add_adaptive(family, (2, 3, 8, 8), 4)
    add_adaptive(family, (2, 3, 13, 11), 6)
    add_adaptive(family, (2, 3, 7, 5), (3, 2))
    add_adaptive(family, (1, 2, 3, 4), (5, 7))
    add_adaptive(family, (1, 17, 6, 6), (6, 6))
    add_adaptive(family, (1, 2, 5, 6, 7), 1)
    add_adaptive(family, (1, 2, 5, 6, 7), (2, 3, 4))

    add_adaptive_max(family, (2, 3, 10), 4)
    add_adaptive_max(family, (2, 3, 5), 8)
    add_adaptive_max(family, (2, 3, 7, 7), 1)
    add_adaptive_max(family, (2, 3, 13, 11), 6)
    add_adaptive_max(family, (1, 2, 3, 4), (5, 7))
    add_adaptive_max(family, (1, 17, 6, 6), (3, 4), ties=True)
    add_adaptive_max(family, (1, 2, 5, 6, 7), (2, 3, 4))
    return family
