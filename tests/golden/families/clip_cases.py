"""Gradient clipping over several tensors; norm_type "inf" is the largest absolute value."""

import torch

from recorder import Family

SHAPES = [(3, 4), (17,), (), (2, 3, 3)]


def draw(case, scale):
    gradients = [case.keep(f"g{i}", case.randn(*shape, scale=scale))
                 for i, shape in enumerate(SHAPES)]
    parameters = [torch.zeros_like(gradient) for gradient in gradients]
    for parameter, gradient in zip(parameters, gradients):
        parameter.grad = gradient.clone()
    return parameters


def build():
    family = Family("clip")
    for max_norm, norm_type, scale in [(1.0, 2.0, 1.0), (5.0, 2.0, 3.0), (1000.0, 2.0, 1.0),
                                       (1.0, 1.0, 1.0), (0.5, 3.0, 1.0), (0.25, "inf", 1.0),
                                       (1.0, 2.0, 1e-8)]:
        case = family.case("clip_grad_norm", max_norm=max_norm, norm_type=norm_type)
        parameters = draw(case, scale)
        norm = torch.nn.utils.clip_grad_norm_(parameters, max_norm, float(norm_type))
        case.keep("total_norm", norm)
        for i, parameter in enumerate(parameters):
            case.keep(f"g{i}_after", parameter.grad)
    for clip_value in (0.5, 2.0, 100.0):
        case = family.case("clip_grad_value", clip_value=clip_value)
        parameters = draw(case, 1.0)
        torch.nn.utils.clip_grad_value_(parameters, clip_value)
        for i, parameter in enumerate(parameters):
            case.keep(f"g{i}_after", parameter.grad)
    return family
