"""Golden data of the two Fashion-MNIST models: weights, logits, twenty Adam steps, text."""

import json

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

import fashion
import safetensors_file

STEPS, BATCH, LR = 20, 100, 1e-3
SMALL = 2000  # values: larger tensors are left out of the gradients and final state


def file_stem(name):
    return name.replace("-", "_")


def train_weights(name, path):
    """One epoch as the chapter has it, and the state_dict as the package saves it."""
    torch.manual_seed(0)
    torch.set_num_threads(2)
    model = fashion.MODELS[name]()
    images, labels = fashion.load(train=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=LR)
    model.train()
    for batch in torch.randperm(len(labels)).split(BATCH):
        optimizer.zero_grad()
        F.cross_entropy(model(images[batch]), labels[batch]).backward()
        optimizer.step()
    torch.set_num_threads(1)
    save_file(model.state_dict(), path)
    path.chmod(0o644)  # the package makes it private


def load_model(name, path, **options):
    model = fashion.MODELS[name](**options)
    model.load_state_dict(load_file(path), strict=True)
    return model


def write_logits(name, weights, path):
    images, labels = fashion.load(train=False)
    model = load_model(name, weights)
    logits = fashion.logits_of(model, images)
    exact = fashion.logits_of(model.double(), images.double())
    accuracy, loss = fashion.judge(logits, labels)
    top = exact.topk(2, dim=1).values
    safetensors_file.write(path, {"logits": logits.numpy()}, {
        "torch": torch.__version__,
        "accuracy": repr(accuracy),
        "loss": repr(loss),
        "accuracy_f64": repr(fashion.judge(exact, labels)[0]),
        "max_difference_from_f64": repr((logits.double() - exact).abs().max().item()),
        "smallest_margin": repr((top[:, 0] - top[:, 1]).min().item()),
    })
    print(f"{path.name}: accuracy {accuracy}, loss {loss:.6f}")


def adam_steps(name, weights, dtype=torch.float32, channels_last=False):
    """Returns (losses, first gradients, final state) of the first twenty batches."""
    model = load_model(name, weights, dropout=0.0).to(dtype)
    images, labels = fashion.load(train=True)
    images = images[:STEPS * BATCH].to(dtype)
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=LR)
    model.train()
    losses, first = [], {}
    for x, target in zip(images.split(BATCH), labels.split(BATCH)):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), target)
        loss.backward()
        if not losses:
            first = {key: value.grad.clone() for key, value in model.named_parameters()}
        optimizer.step()
        losses.append(loss.item())
    return torch.tensor(losses, dtype=dtype), first, model.state_dict()


def write_adam(name, weights, path):
    exact, gradients, state = adam_steps(name, weights, torch.float64)
    losses, _, _ = adam_steps(name, weights)
    tensors = {"losses": losses, "losses_f64": exact}
    if name == "fashion-cnn":
        tensors["losses_channels_last"] = adam_steps(name, weights, channels_last=True)[0]
    for prefix, values in (("grad", gradients), ("after", state)):
        for key, value in values.items():
            if value.numel() <= SMALL:
                tensors[f"{prefix}.{key}"] = value
    safetensors_file.write(path, {key: value.numpy() for key, value in tensors.items()}, {
        "torch": torch.__version__, "lr": repr(LR), "batch_size": str(BATCH), "dropout": "0",
    })
    spread = ((losses.double() - exact).abs() / exact).max().item()
    print(f"{path.name}: losses {exact[0]:.6f} ... {exact[-1]:.6f}, f32 off by {spread:.1e}")


def write_text(path):
    nn = torch.nn
    modules = [
        nn.Linear(784, 256), nn.Linear(3, 4, bias=False), nn.Conv1d(3, 4, 5),
        nn.Conv2d(1, 32, 3, padding=1), nn.Conv2d(4, 8, (3, 5), stride=(2, 1), padding=(1, 2)),
        nn.Conv2d(4, 8, 3, dilation=2, groups=2, bias=False),
        nn.Conv2d(4, 8, 3, padding="same"), nn.Conv3d(1, 2, 3, stride=2),
        nn.BatchNorm1d(8), nn.BatchNorm2d(32), nn.BatchNorm3d(4, eps=1e-3, momentum=0.01),
        nn.BatchNorm2d(3, affine=False, track_running_stats=False),
        nn.LocalResponseNorm(5), nn.MaxPool1d(2), nn.MaxPool2d(2, 2), nn.MaxPool2d(2),
        nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True),
        nn.MaxPool2d((3, 2), stride=(2, 1)), nn.MaxPool3d(2), nn.AvgPool1d(2), nn.AvgPool2d(2),
        nn.AvgPool2d(3, stride=2, padding=1), nn.AvgPool3d(2), nn.AdaptiveAvgPool1d(4),
        nn.AdaptiveAvgPool2d(1), nn.AdaptiveAvgPool2d((6, 6)), nn.AdaptiveAvgPool3d(2),
        nn.Dropout(0.25), nn.Dropout1d(), nn.Dropout2d(0.1), nn.Dropout3d(), nn.ReLU(),
        nn.LeakyReLU(), nn.LeakyReLU(0.2), nn.Sigmoid(), nn.Tanh(), nn.GELU(),
        nn.GELU(approximate="tanh"), nn.SiLU(), nn.Softmax(dim=1), nn.LogSoftmax(dim=1),
        nn.Flatten(), nn.Flatten(0, 1), nn.Identity(), nn.ConstantPad2d((1, 2, 3, 4), 0.5),
        nn.ZeroPad2d(1), nn.ReflectionPad2d(1), nn.ReplicationPad2d(1), nn.CrossEntropyLoss(),
        nn.NLLLoss(), nn.MSELoss(), nn.BCEWithLogitsLoss(), nn.Sequential(),
        nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Sequential(nn.Linear(3, 1))),
        nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2), nn.ReLU()]),
        fashion.FashionDNN(), fashion.FashionCNN(),
    ]
    path.write_text(json.dumps([repr(module) for module in modules], indent=1) + "\n")
    print(f"{path.name}: {len(modules)} modules")


def build(directory, train):
    for name in fashion.MODELS:
        stem = file_stem(name)
        weights = directory / f"{stem}.safetensors"
        if train:
            train_weights(name, weights)
        write_logits(name, weights, directory / f"{stem}_logits.safetensors")
        write_adam(name, weights, directory / f"{stem}_adam.safetensors")
    write_text(directory / "module_text.json")
