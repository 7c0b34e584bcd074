#!/usr/bin/python3
"""A process that runs training steps in PyTorch when it is asked to.

Reads a JSON document a line and answers with one: a network as `fovea bench --list --json` writes
it ({"input", "classes", "batch_size", "layers"}) or {"model": "fashion-cnn", "batch_size": 100},
with "seconds" and "channels_last"; the answer is {"ms"}, the mean of one step: forward, cross
entropy, backward, Adam. Networks are kept, so that asking again costs no start.
"""

import ast
import json
import sys
import time

import common  # noqa: F401  (finds the models of tests/golden)
import fashion
import torch
import torch.nn.functional as F


def layer_of(text):
    """The layer that a line such as "Conv2d(3, 8, kernel_size=(3, 3))" describes."""
    call = ast.parse(text, mode="eval").body
    arguments = [ast.literal_eval(argument) for argument in call.args]
    options = {option.arg: ast.literal_eval(option.value) for option in call.keywords}
    return getattr(torch.nn, call.func.id)(*arguments, **options)


class Step:
    """A network with a batch and an optimiser."""

    def __init__(self, work):
        layout = torch.channels_last if work["channels_last"] else torch.contiguous_format
        if "layers" in work:
            model = torch.nn.Sequential(*[layer_of(text) for text in work["layers"]])
            shape, classes = work["input"], work["classes"]
        else:
            model, shape, classes = fashion.MODELS[work["model"]](), (1, 28, 28), 10
        self.model = model.to(memory_format=layout).train()
        self.images = torch.rand(work["batch_size"], *shape).to(memory_format=layout)
        self.labels = torch.randint(0, classes, (work["batch_size"],))
        self.optimizer = torch.optim.Adam(self.model.parameters())
        for _ in range(3):
            self.run()

    def run(self):
        self.optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(self.model(self.images), self.labels).backward()
        self.optimizer.step()


def milliseconds(step, seconds):
    count, start = 0, time.perf_counter()
    while True:
        step.run()
        count += 1
        passed = time.perf_counter() - start
        if passed >= seconds:
            return passed / count * 1e3


def main():
    torch.set_num_threads(int(sys.argv[1]))
    steps = {}
    print(json.dumps({"version": torch.__version__}), flush=True)
    for line in sys.stdin:
        work = json.loads(line)
        seconds = work.pop("seconds")
        key = json.dumps(work, sort_keys=True)
        if key not in steps:
            steps[key] = Step(work)
        print(json.dumps({"ms": milliseconds(steps[key], seconds)}), flush=True)


if __name__ == "__main__":
    main()
