"""Fine-tuning as PyTorch's users write it: what is frozen has requires_grad off and its batch norm
in evaluation mode until `unfreeze_at`; parameter groups have learning rates of their own.

A case has the weights before (`before.NAME`) and after (`after.NAME`), images `x` and labels
`target` for each step.
"""

from collections import OrderedDict
from fnmatch import fnmatch

import torch

from recorder import Family

EPOCHS, STEPS, BATCH = 3, 4, 5


def make_net(case):
    net = torch.nn.Sequential(OrderedDict([
        ("conv1", torch.nn.Conv2d(2, 3, 3)), ("bn1", torch.nn.BatchNorm2d(3)),
        ("relu1", torch.nn.ReLU()), ("conv2", torch.nn.Conv2d(3, 4, 3)),
        ("bn2", torch.nn.BatchNorm2d(4)), ("relu2", torch.nn.ReLU()),
        ("flat", torch.nn.Flatten()), ("fc", torch.nn.Linear(16, 3))])).double()
    for name, tensor in net.state_dict().items():
        if tensor.dtype == torch.float64:
            values = case.rand(*tensor.shape, low=0.5, high=1.5) if "var" in name else \
                case.randn(*tensor.shape, scale=0.3)
            tensor.copy_(values)
        case.keep(f"before.{name}", tensor.clone())
    return net


def frozen_names(net, patterns):
    return [name for name, _ in net.named_parameters()
            if any(fnmatch(name, p) for p in patterns)]


def set_frozen(net, names, frozen):
    for name, parameter in net.named_parameters():
        if name in names:
            parameter.requires_grad_(not frozen)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d) and not module.weight.requires_grad \
                and not module.bias.requires_grad:
            module.eval()


def add(family, optimizer, schedule, freeze, patterns, lr_scale, unfreeze_at=0, lr=0.1):
    case = family.case("fine_tuning", optimizer=optimizer, schedule=schedule, freeze=freeze,
                       lr_scale=",".join(f"{p}={s}" for p, s in lr_scale), lr=lr,
                       unfreeze_at=unfreeze_at, epochs=EPOCHS, steps=STEPS)
    net = make_net(case)
    frozen = frozen_names(net, patterns)
    groups = {}
    for name, parameter in net.named_parameters():
        scale = 1.0
        for pattern, factor in lr_scale:
            if fnmatch(name, pattern + "*"):
                scale = factor
        groups.setdefault(scale, []).append(parameter)
    made = [{"params": parameters, "lr": lr * scale} for scale, parameters in groups.items()]
    optim = torch.optim.SGD(made, lr=lr, momentum=0.9, weight_decay=0.01) if optimizer == "sgd" \
        else torch.optim.Adam(made, lr=lr, weight_decay=0.01)
    schedulers, total = torch.optim.lr_scheduler, EPOCHS * STEPS
    scheduler = {
        "none": lambda: None,
        "cosine": lambda: schedulers.CosineAnnealingLR(optim, total),
        "onecycle": lambda: schedulers.OneCycleLR(
            optim, [group["lr"] for group in made], total_steps=total)}[schedule]()
    x = case.randn(total, BATCH, 2, 6, 6)
    target = torch.from_numpy(case.rng.integers(0, 3, (total, BATCH)))
    case.keep("x", x)
    case.keep("target", target)
    for step in range(total):
        net.train()
        epoch = step // STEPS + 1
        set_frozen(net, frozen, unfreeze_at == 0 or epoch < unfreeze_at)
        optim.zero_grad(set_to_none=True)
        torch.nn.functional.cross_entropy(net(x[step]), target[step]).backward()
        optim.step()
        if scheduler is not None and step + 1 < total:
            scheduler.step()
    for name, tensor in net.state_dict().items():
        case.keep(f"after.{name}", tensor.clone())


def build():
    family = Family("fine_tuning")
    add(family, "sgd", "onecycle", "2", ["conv1.*", "bn1.*"], [("conv2", 0.5), ("fc", 10.0)])
    add(family, "sgd", "none", "conv1,bn?", ["conv1.*", "bn?.*"], [("*", 0.5), ("fc", 2.0)],
        unfreeze_at=2)
    add(family, "adam", "cosine", "*.bias,bn1", ["*.bias", "bn1.*"], [("conv?", 0.1)],
        unfreeze_at=3, lr=0.01)
    return family
