"""Normalisation within a sample: layer_norm, group_norm, instance_norm."""

import torch.nn.functional as F

from recorder import Family


def add(family, op, x_shape, parameter_shape, affine, scale, shift, call, **options):
    case = family.case(op, affine=affine, **options)
    x = case.input("x", (case.randn(*x_shape) * scale + shift).float().double())
    low_high = {"low": 0.5, "high": 1.5}
    weight = case.input("weight", case.rand(*parameter_shape, **low_high)) if affine else None
    bias = case.input("bias", case.randn(*parameter_shape)) if affine else None
    case.output(call(x, weight, bias))


def add_layer_norm(family, x_shape, dims, affine=True, eps=1e-5, scale=1.0, shift=0.0):
    shape = list(x_shape[-dims:])
    add(family, "layer_norm", x_shape, shape, affine, scale, shift,
        lambda x, w, b: F.layer_norm(x, shape, w, b, eps), normalized_shape=shape, eps=eps)


def add_group_norm(family, x_shape, num_groups, affine=True, eps=1e-5, scale=1.0, shift=0.0):
    add(family, "group_norm", x_shape, [x_shape[1]], affine, scale, shift,
        lambda x, w, b: F.group_norm(x, num_groups, w, b, eps), num_groups=num_groups, eps=eps)


def add_instance_norm(family, x_shape, affine=True, eps=1e-5, scale=1.0, shift=0.0):
    add(family, "instance_norm", x_shape, [x_shape[1]], affine, scale, shift,
        lambda x, w, b: F.instance_norm(x, None, None, w, b, True, 0.1, eps), eps=eps)


def build():
    family = Family("layer_norm")
    for affine in (True, False):
        add_layer_norm(family, (5, 7), 1, affine)
        add_layer_norm(family, (2, 3, 4, 5), 2, affine)
        add_layer_norm(family, (2, 3, 4), 3, affine)
        add_group_norm(family, (2, 6, 5), 3, affine)
        add_group_norm(family, (2, 4, 3, 5), 1, affine)
        add_group_norm(family, (3, 4, 2, 3, 2), 4, affine)
        add_instance_norm(family, (2, 3, 7), affine)
        add_instance_norm(family, (3, 5, 4, 3), affine)
        add_instance_norm(family, (1, 2, 3, 2, 4), affine)
    # a mean far above the deviation, and values so small that eps rules
    add_layer_norm(family, (3, 33), 1, scale=0.125, shift=100.0)
    add_instance_norm(family, (2, 3, 5, 5), scale=1e-4, eps=1e-3)
    return family
