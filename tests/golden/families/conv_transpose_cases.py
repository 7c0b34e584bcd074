"""conv_transpose1d, conv_transpose2d, conv_transpose3d, with all gradients.

Shapes: x [n, c_in, spatial...], weight [c_in, c_out/groups, kernel...].
"""

import torch.nn.functional as F

from recorder import Family

CONV = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}


def add(family, x_shape, c_out, kernel, stride=1, padding=0, output_padding=0, dilation=1,
        groups=1, bias=True):
    dims = len(x_shape) - 2

    def per_dim(value):
        return [value] * dims if isinstance(value, int) else list(value)

    options = dict(kernel_size=per_dim(kernel), stride=per_dim(stride), padding=per_dim(padding),
                   output_padding=per_dim(output_padding), dilation=per_dim(dilation),
                   groups=groups, bias=bias)
    case = family.case(f"conv_transpose{dims}d", **options)
    x = case.input("x", case.randn(*x_shape))
    weight = case.input("weight", case.randn(x_shape[1], c_out // groups,
                                             *options["kernel_size"]))
    b = case.input("bias", case.randn(c_out)) if bias else None
    case.output(CONV[dims](x, weight, b, options["stride"], options["padding"],
                           options["output_padding"], groups, options["dilation"]))


def build():
    family = Family("conv_transpose")
    add(family, (2, 3, 7), 4, 3)
    add(family, (1, 1, 4), 1, 3, bias=False)
    add(family, (2, 4, 6), 6, 4, stride=3, padding=2, output_padding=1, groups=2)
    add(family, (1, 2, 5), 3, 2, dilation=3, output_padding=2)
    add(family, (2, 3, 5, 6), 4, 3, padding=1)
    add(family, (2, 4, 5, 7), 6, (2, 3), stride=2, groups=2)
    add(family, (1, 3, 4, 4), 5, 4, stride=2, padding=1)
    add(family, (2, 3, 5, 4), 4, 3, stride=(2, 3), padding=(1, 0), output_padding=(1, 2))
    add(family, (1, 6, 5, 5), 6, 3, stride=2, padding=1, output_padding=1, groups=6, bias=False)
    add(family, (1, 2, 4, 5), 3, 3, dilation=(2, 3), padding=(2, 1), output_padding=(1, 2))
    add(family, (2, 9, 3, 4), 5, 1, stride=2)
    add(family, (2, 16, 9, 9), 16, 3, padding=1)
    add(family, (1, 3, 3, 4, 2), 2, 2, stride=2)
    add(family, (1, 4, 2, 3, 4), 4, (1, 2, 3), stride=(1, 2, 1), padding=(0, 1, 1), groups=2)
    return family
