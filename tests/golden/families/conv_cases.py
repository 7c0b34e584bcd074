"""conv1d, conv2d, conv3d: y = conv(x, weight, bias) with all gradients.

Shapes: x [n, c_in, spatial...], weight [c_out, c_in/groups, kernel...].
"""

import torch.nn.functional as F

from recorder import Family

CONV = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}


def add(family, x_shape, c_out, kernel, stride=1, padding=0, dilation=1, groups=1, bias=True):
    dims = len(x_shape) - 2

    def per_dim(value):
        return [value] * dims if isinstance(value, int) else list(value)

    padding = padding if isinstance(padding, str) else per_dim(padding)
    stride, dilation, kernel = per_dim(stride), per_dim(dilation), per_dim(kernel)
    case = family.case(f"conv{dims}d", kernel_size=kernel, stride=stride, padding=padding,
                       dilation=dilation, groups=groups, bias=bias)
    x = case.input("x", case.randn(*x_shape))
    weight = case.input("weight", case.randn(c_out, x_shape[1] // groups, *kernel))
    b = case.input("bias", case.randn(c_out)) if bias else None
    case.output(CONV[dims](x, weight, b, stride, padding, dilation, groups))


def build():
    family = Family("conv")

    # 1-D
    add(family, (2, 3, 11), 4, 3)
    add(family, (1, 1, 5), 1, 3, bias=False)
    add(family, (2, 3, 16), 5, 4, stride=3, padding=2)
    add(family, (2, 4, 13), 6, 3, dilation=3, groups=2)
    add(family, (3, 5, 9), 5, 3, padding=1, groups=5)
    add(family, (2, 3, 10), 4, 5, padding="same")
    add(family, (2, 3, 10), 4, 4, padding="same", dilation=2)
    add(family, (2, 3, 10), 4, 4, padding="valid", stride=2)
    add(family, (2, 7, 6), 3, 1)
    add(family, (1, 2, 3), 2, 3, padding=4, stride=2)

    # 2-D: the two layers of FashionCNN in small, then odd sizes
    add(family, (2, 1, 28, 28), 4, 3, padding=1)
    add(family, (2, 6, 14, 14), 8, 3)
    add(family, (1, 1, 6, 6), 1, 3, bias=False)
    add(family, (1, 3, 7, 5), 2, 3)
    add(family, (3, 5, 9, 11), 7, 3, padding=1)
    add(family, (2, 3, 13, 7), 4, (3, 5))
    add(family, (2, 3, 8, 9), 4, (2, 4), padding=(1, 3))
    add(family, (2, 3, 11, 10), 4, 3, stride=2)
    add(family, (2, 3, 11, 10), 4, 3, stride=(2, 1), padding=(1, 0))
    add(family, (2, 4, 12, 13), 6, 3, stride=(2, 1), padding=(1, 0), dilation=(1, 2), groups=2)
    add(family, (1, 3, 15, 17), 5, 3, dilation=2)
    add(family, (1, 3, 15, 17), 5, 3, dilation=(3, 2), padding=(3, 2))
    add(family, (1, 3, 16, 15), 5, 3, dilation=2, stride=3, padding=2)
    add(family, (2, 3, 23, 23), 5, 11, stride=4, padding=2)
    add(family, (2, 3, 21, 19), 5, 7, stride=2, padding=3, bias=False)
    add(family, (2, 3, 9, 9), 4, 5, padding=2)
    # 1x1, plain, strided and padded
    add(family, (2, 9, 5, 7), 4, 1)
    add(family, (2, 9, 5, 7), 4, 1, stride=2, bias=False)
    add(family, (1, 3, 4, 4), 5, 1, padding=1)
    add(family, (1, 17, 1, 1), 33, 1)
    # the kernel is the whole image, or larger than it without padding
    add(family, (2, 3, 5, 6), 4, (5, 6))
    add(family, (2, 3, 2, 2), 4, 3, padding=1)
    add(family, (1, 2, 1, 1), 3, 3, padding=1)
    add(family, (2, 3, 1, 9), 4, (1, 3))
    # windows that lie wholly in the padding, rows that no window reaches
    add(family, (1, 2, 3, 4), 2, 2, padding=3, stride=2)
    add(family, (1, 2, 10, 10), 2, 2, stride=4)
    # groups and depthwise
    add(family, (2, 6, 7, 7), 9, 3, groups=3, padding=1)
    add(family, (2, 8, 7, 6), 8, 3, groups=8, padding=1)
    add(family, (2, 5, 7, 6), 10, 3, groups=5, padding=1, stride=2)
    add(family, (1, 16, 9, 9), 16, 3, groups=16, padding=2, dilation=2, bias=False)
    add(family, (2, 6, 5, 5), 4, 1, groups=2)
    # "same" (an even reach puts the extra zero last) and "valid"
    add(family, (2, 3, 7, 8), 4, 3, padding="same")
    add(family, (2, 3, 7, 8), 4, (2, 4), padding="same")
    add(family, (2, 3, 7, 8), 4, (2, 3), padding="same", dilation=(3, 2), bias=False)
    add(family, (2, 4, 9, 7), 4, 4, padding="same", groups=4)
    add(family, (2, 3, 9, 8), 4, 3, padding="valid")
    add(family, (2, 3, 9, 8), 4, 3, padding="valid", stride=2, dilation=2)
    # channel counts around the widths of vectors
    add(family, (1, 15, 5, 5), 17, 3, padding=1)
    add(family, (1, 16, 6, 6), 32, 3, padding=1)
    add(family, (1, 33, 4, 5), 31, 3, padding=1)
    add(family, (5, 1, 8, 8), 19, 3)
    # 3x3 of stride 1 over sizes around a Winograd tile of 4
    for size in (3, 4, 5, 6, 7, 8, 10):
        add(family, (2, 4, size, size + 1), 5, 3, padding=1)

    # 3-D
    add(family, (1, 2, 4, 5, 6), 3, 3)
    add(family, (2, 1, 3, 4, 3), 2, 2, bias=False)
    add(family, (1, 3, 5, 7, 6), 4, (1, 3, 2), stride=(1, 2, 3), padding=(0, 1, 1))
    add(family, (1, 4, 5, 6, 7), 4, 3, padding=2, dilation=2, groups=2)
    add(family, (2, 3, 4, 4, 5), 6, 3, padding=1, groups=3)
    add(family, (1, 2, 4, 5, 4), 3, (3, 2, 3), padding="same")
    add(family, (1, 2, 4, 5, 4), 3, (2, 3, 2), padding="valid", stride=2)
    add(family, (2, 5, 2, 3, 3), 3, 1)
    return family
