"""Five steps of each optimiser on given gradients; see README.md for the names."""

import torch

from recorder import Family

STEPS = 5
SHAPES = [(3, 4), (17,), ()]
SGD = {"lr": 0.1, "momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0, "nesterov": False}
ADAM = {"lr": 0.001, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.0}
ADAMW = {**ADAM, "weight_decay": 0.01}
OPTIMIZERS = {"sgd": (torch.optim.SGD, SGD), "adam": (torch.optim.Adam, ADAM),
              "adamw": (torch.optim.AdamW, ADAMW)}


def add(family, op, *groups, scale=1.0, zeros=False):
    """`groups` are (parameter numbers, options that differ from the default)."""
    make, defaults = OPTIMIZERS[op]
    described = [{"params": params, **defaults, **options} for params, options in groups]
    case = family.case(op, steps=STEPS, groups=described)
    count = sum(len(params) for params, _ in groups)
    parameters = [case.input(f"p{i}", case.randn(*SHAPES[i])) for i in range(count)]
    gradients = [case.randn(STEPS, *SHAPES[i], scale=scale) for i in range(count)]
    if zeros:
        for gradient in gradients:
            gradient.view(STEPS, -1)[:, ::2] = 0
            gradient[1] = 0
    optimizer = make([{**group, "params": [parameters[i] for i in group["params"]],
                       **({"betas": tuple(group["betas"])} if "betas" in group else {})}
                      for group in described])
    after = [[] for _ in parameters]
    for step in range(STEPS):
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = gradient[step].clone()
        optimizer.step()
        for values, parameter in zip(after, parameters):
            values.append(parameter.detach().clone())
    for i, parameter in enumerate(parameters):
        case.keep(f"p{i}_grads", gradients[i])
        case.keep(f"p{i}_after", torch.stack(after[i]))
        for key, value in optimizer.state[parameter].items():
            if key != "step" and value is not None:
                case.keep(f"p{i}_{key}", value)


def build():
    family = Family("optim")
    everything = [0, 1, 2]

    for options in [
            {}, {"lr": 0.01, "weight_decay": 0.1}, {"momentum": 0.9},
            {"momentum": 0.9, "nesterov": True}, {"momentum": 0.9, "dampening": 0.5},
            {"momentum": 0.9, "weight_decay": 0.05},
            {"momentum": 0.8, "weight_decay": 0.05, "nesterov": True},
            {"momentum": 0.5, "dampening": 0.25, "weight_decay": 0.01}]:
        add(family, "sgd", (everything, options))
    for op in ("adam", "adamw"):
        for options in [
                {}, {"lr": 0.1}, {"betas": [0.5, 0.9]}, {"betas": [0.0, 0.99], "eps": 1e-3},
                {"weight_decay": 0.1}, {"weight_decay": 0.0, "eps": 1e-6},
                {"lr": 0.02, "weight_decay": 0.3, "betas": [0.8, 0.95], "eps": 1e-5}]:
            add(family, op, (everything, options))
        # gradients near eps, and gradients that are zero at some steps or always
        add(family, op, (everything, {"eps": 1e-8, "lr": 0.0011}), scale=1e-8)
        add(family, op, (everything, {"lr": 0.0012}), zeros=True)
    # groups with their own options
    add(family, "sgd", ([0], {"momentum": 0.9, "weight_decay": 0.1}), ([1, 2], {"lr": 0.01}))
    add(family, "adam", ([0, 1], {"weight_decay": 0.1}), ([2], {"lr": 0.05}))
    add(family, "adamw", ([0], {"weight_decay": 0.1}),
        ([1, 2], {"lr": 0.01, "weight_decay": 0.0, "betas": [0.7, 0.9]}))
    return family
