"""The chapter's two classifiers and their data in PyTorch, for tests and benchmarks."""

import gzip
import pathlib

import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

DATA = pathlib.Path("/usr/share/datasets/fashion-mnist")


class FashionDNN(nn.Module):
    def __init__(self, dropout=0.25):
        super().__init__()
        self.fc1 = nn.Linear(784, 256)
        self.drop = nn.Dropout(dropout)
        self.fc2 = nn.Linear(256, 128)
        self.fc3 = nn.Linear(128, 10)

    def forward(self, x):
        x = x.view(-1, 784)
        x = self.drop(F.relu(self.fc1(x)))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


class FashionCNN(nn.Module):
    def __init__(self, dropout=0.25):
        super().__init__()
        self.layer1 = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2, 2))
        self.layer2 = nn.Sequential(
            nn.Conv2d(32, 64, 3), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2))
        self.fc1 = nn.Linear(64 * 6 * 6, 600)
        self.drop = nn.Dropout(dropout)
        self.fc2 = nn.Linear(600, 120)
        self.fc3 = nn.Linear(120, 10)

    def forward(self, x):
        x = self.layer2(self.layer1(x))
        x = torch.flatten(x, 1)
        x = self.drop(self.fc1(x))
        return self.fc3(self.fc2(x))


MODELS = {"fashion-cnn": FashionCNN, "fashion-dnn": FashionDNN}


def read_idx(path, header):
    with gzip.open(path, "rb") as file:
        return np.frombuffer(file.read(), dtype=np.uint8, offset=header)


def load(train, root=DATA):
    """Returns (images, labels): f32 [n, 1, 28, 28] as x/255, i64 [n]."""
    kind = "train" if train else "t10k"
    images = read_idx(pathlib.Path(root) / f"{kind}-images-idx3-ubyte.gz", 16)
    labels = read_idx(pathlib.Path(root) / f"{kind}-labels-idx1-ubyte.gz", 8)
    images = torch.from_numpy(images.reshape(-1, 1, 28, 28).astype(np.float32) / 255)
    return images, torch.from_numpy(labels.astype(np.int64))


def logits_of(model, images, batch_size=1000):
    """All logits in evaluation mode."""
    model.eval()
    with torch.no_grad():
        return torch.cat([model(batch) for batch in images.split(batch_size)])


def judge(logits, labels):
    """Returns (accuracy, mean cross entropy)."""
    accuracy = (logits.argmax(1) == labels).sum().item() / len(labels)
    return accuracy, F.cross_entropy(logits.double(), labels).item()
