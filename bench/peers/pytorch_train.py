#!/usr/bin/python3
"""Trains the chapter's classifiers in PyTorch, as a user would write it, and times it.

    pytorch_train.py --model fashion-cnn --epochs 1 --threads 2

As installed, that is all. PyTorch at its best on Debian 12 wants an allocator that
keeps its pages, channels-last memory for the CNN, and an OpenBLAS that chooses its own
kernels (apt install libtcmalloc-minimal4):

    env -u OPENBLAS_CORETYPE LD_PRELOAD=libtcmalloc_minimal.so.4 \\
        TCMALLOC_RELEASE_RATE=0 pytorch_train.py --model fashion-cnn --channels-last

Times: an epoch's seconds hold everything between its first batch and its last step,
loading included; a step's milliseconds hold forward, backward and Adam, without loading.
The test accuracy is taken after the clock has stopped.

`--loader indexed` slices batches out of one tensor instead of collating 100 samples: not
what people write, but PyTorch without its DataLoader.
"""

import argparse
import pathlib
import time

import common
import fashion
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset


class IndexedLoader:
    """Shuffled batches by one index operation each."""

    def __init__(self, images, labels, batch_size):
        self.images, self.labels, self.batch_size = images, labels, batch_size

    def __iter__(self):
        for batch in torch.randperm(len(self.labels)).split(self.batch_size):
            yield self.images[batch], self.labels[batch]


def train_epoch(model, optimizer, loader, memory_format):
    """Returns (seconds, milliseconds of every step, mean loss)."""
    model.train()
    steps, total = [], 0.0
    begin = time.perf_counter()
    for images, labels in loader:
        start = time.perf_counter()
        images = images.to(memory_format=memory_format)
        loss = F.cross_entropy(model(images), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        total += loss.item()
        steps.append((time.perf_counter() - start) * 1e3)
    return time.perf_counter() - begin, steps, total / len(steps)


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=sorted(fashion.MODELS), default="fashion-cnn")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--threads", type=int, default=common.cpus())
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--limit", type=int, help="only the first N training images")
    parser.add_argument("--loader", choices=["dataloader", "indexed"], default="dataloader")
    parser.add_argument("--data", type=pathlib.Path, default=fashion.DATA,
                        help="the folder of the IDX files (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main():
    arguments = parse()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    machine = common.machine()
    images, labels = fashion.load(train=True, root=arguments.data)
    images, labels = images[:arguments.limit], labels[:arguments.limit]
    if arguments.loader == "dataloader":
        loader = DataLoader(TensorDataset(images, labels), batch_size=100, shuffle=True)
    else:
        loader = IndexedLoader(images, labels, 100)
    layout = torch.channels_last if arguments.channels_last else torch.contiguous_format
    model = fashion.MODELS[arguments.model]().to(memory_format=layout)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)

    epochs, lines = [], [f"PyTorch {torch.__version__}, {arguments.model}, "
                         f"{arguments.threads} threads, {machine['cpu']}"]
    for number in range(1, arguments.epochs + 1):
        seconds, steps, loss = train_epoch(model, optimizer, loader, layout)
        times = common.spread(steps)
        epochs.append({"seconds": seconds, "images_per_s": len(labels) / seconds,
                       "loss": loss, "step": times})
        lines.append(f"epoch {number}: {seconds:.2f} s, {len(labels) / seconds:.0f} images/s, "
                     f"step {times['median_ms']:.2f} ms (least {times['min_ms']:.2f}, "
                     f"90 % below {times['p90_ms']:.2f}), "
                     f"loss {loss:.4f}")
    test_images, test_labels = fashion.load(train=False, root=arguments.data)
    accuracy, _ = fashion.judge(fashion.logits_of(model, test_images), test_labels)
    lines.append(f"test accuracy {accuracy:.4f}")
    common.report({
        "peer": "pytorch", "version": torch.__version__, "model": arguments.model,
        "batch_size": 100, "images": len(labels), "threads": arguments.threads,
        "channels_last": arguments.channels_last, "loader": arguments.loader,
        "machine": machine, "epochs": epochs, "test_accuracy": accuracy,
    }, arguments.json, lines)


if __name__ == "__main__":
    main()
