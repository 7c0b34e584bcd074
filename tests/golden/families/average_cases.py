"""Running averages of a model's values as timm's ModelEmaV3 keeps them.

timm is imported as one file: the package wants a newer PyTorch.
"""

import importlib.metadata
import importlib.util
import pathlib

import torch

from recorder import Family

UPDATES = 12


def model_ema():
    package = importlib.metadata.distribution("timm")
    path = pathlib.Path(package.locate_file("timm/utils/model_ema.py"))
    spec = importlib.util.spec_from_file_location("model_ema", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ModelEmaV3


def build():
    family = Family("average")
    for decay in (0.0, 0.25, 0.5, 0.75, 0.9999):
        case = family.case("model_ema", decay=decay, updates=UPDATES)
        network = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3)).double()
        average = model_ema()(network, decay=decay, use_warmup=True, foreach=False)
        values, after = {}, {}
        for update in range(1, UPDATES + 1):
            with torch.no_grad():
                for name, value in network.state_dict().items():
                    drawn = value.is_floating_point()
                    value.copy_(case.randn(*value.shape) if drawn else 7 * update)
                    values.setdefault(name, []).append(value.clone())
            average.update(network, step=update)
            for name, value in average.module.state_dict().items():
                after.setdefault(name, []).append(value.clone())
        for name in values:
            case.keep(f"{name}.values", torch.stack(values[name]))
            case.keep(f"{name}.after", torch.stack(after[name]))
    return family
