"""Learning rates in force at step 0, 1, 2, ...: `lr` [steps]; step() follows every step.

one_cycle with cycle_momentum also gives `momentum` [steps] (Adam: its first beta).
"""

import torch

from recorder import Family


def add(family, op, make, steps, lr, momentum=None, **options):
    base = {} if lr is None else {"lr": lr}
    case = family.case(op, steps=steps, **base, **options)
    parameter = torch.zeros(1, requires_grad=True)
    parameter.grad = torch.zeros(1)
    optimizer = torch.optim.SGD([parameter], lr=1.0 if lr is None else lr, momentum=0.9)
    if momentum == "adam":
        optimizer = torch.optim.Adam([parameter], lr=1.0)
    schedule = make(optimizer, **options)
    rates, momenta = [], []
    for step in range(steps):
        group = optimizer.param_groups[0]
        rates.append(group["lr"])
        momenta.append(group["betas"][0] if momentum == "adam" else group["momentum"])
        optimizer.step()
        if step + 1 < steps:
            schedule.step()
    case.keep("lr", torch.tensor(rates, dtype=torch.float64))
    if options.get("cycle_momentum"):
        case.keep("momentum", torch.tensor(momenta, dtype=torch.float64))


def add_one_cycle(family, momentum="sgd", **changed):
    options = {"max_lr": 0.01, "total_steps": 40, "pct_start": 0.3, "anneal_strategy": "cos",
               "cycle_momentum": True, "base_momentum": 0.85, "max_momentum": 0.95,
               "div_factor": 25.0, "final_div_factor": 1e4, "three_phase": False, **changed}
    add(family, "one_cycle", torch.optim.lr_scheduler.OneCycleLR, options["total_steps"], None,
        momentum, **options)


def build():
    family = Family("schedule")
    schedules = torch.optim.lr_scheduler
    for step_size, gamma in [(3, 0.1), (1, 0.9), (5, 0.5), (100, 0.1)]:
        add(family, "step_lr", schedules.StepLR, 17, 0.1, step_size=step_size, gamma=gamma)
    for t_max, eta_min, steps in [(10, 0.0, 11), (10, 0.001, 11), (7, 0.0, 8), (1, 0.0, 2),
                                  (600, 1e-5, 601)]:
        add(family, "cosine", schedules.CosineAnnealingLR, steps, 0.1, T_max=t_max,
            eta_min=eta_min)
    for cycle_momentum in (True, False):
        add_one_cycle(family, cycle_momentum=cycle_momentum)
        add_one_cycle(family, cycle_momentum=cycle_momentum, anneal_strategy="linear")
        add_one_cycle(family, cycle_momentum=cycle_momentum, three_phase=True)
    add_one_cycle(family, "adam", anneal_strategy="linear", total_steps=50)
    add_one_cycle(family, max_lr=0.004, total_steps=600, pct_start=0.25, div_factor=10.0,
                  final_div_factor=100.0, cycle_momentum=False)
    add_one_cycle(family, total_steps=7, pct_start=0.5, base_momentum=0.8, max_momentum=0.9)
    for start, end, iterations in [(0.1, 1.0, 5), (1 / 3, 1.0, 5), (0.01, 1.0, 10),
                                   (1.0, 0.0, 8), (0.5, 1.0, 1)]:
        add(family, "linear_warmup", schedules.LinearLR, 14, 0.2, start_factor=start,
            end_factor=end, total_iters=iterations)
    return family
