#!/usr/bin/python3
"""Stands in for `fovea` and for the Pythons of its peers in compare_test.py: answers at once, with
times that the environment names, and notes in $FAKE_LOG what it was asked for.

$FAKE_TIMES is a JSON object: milliseconds, one for each time that a thing is asked for, under
"fovea", "torch", "torch channels-last", "onnxruntime"; and "epoch fovea", "epoch torch" and so on
for epochs, in milliseconds of 60,000 images.
"""

import json
import os
import pathlib
import sys

ROWS = ["train-step/fashion-cnn", "train-step/fashion-dnn", "infer/fashion-cnn/batch1"]


def note(text):
    with open(os.environ["FAKE_LOG"], "a", encoding="utf-8") as log:
        log.write(text + "\n")


def next_time(name):
    """The time of the next call, which the log counts; then they begin again."""
    times = json.loads(os.environ["FAKE_TIMES"])[name]
    log = pathlib.Path(os.environ["FAKE_LOG"])
    calls = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    note(name)
    return times[calls.count(name) % len(times)]


def after(words, flag):
    return words[words.index(flag) + 1]


def bench(words):
    if "--list" in words:
        rows = [{"name": name} for name in ROWS]
        if "--random" in words:
            rows = [{"name": "train-step/random0",
                     "network": {"input": [1, 8, 8], "classes": 2, "batch_size": 4, "layers": []}}]
    else:
        rows = [{"name": after(words, "--only"), "ms": next_time("fovea")}]
    print(json.dumps({"rows": rows}))


def train(words):
    """Like `fovea train`: a run directory with results.csv, and its path."""
    run = pathlib.Path(after(words, "--project")) / "exp"
    run.mkdir()
    (run / "results.csv").write_text(
        f"epoch,images_per_s\n1,1\n2,{60_000 / next_time('epoch fovea') * 1e3}\n", encoding="utf-8")
    print(run)


def torch_worker():
    print(json.dumps({"version": "0"}), flush=True)
    for line in sys.stdin:
        work = json.loads(line)
        name = "torch channels-last" if work["channels_last"] else "torch"
        print(json.dumps({"ms": next_time(name)}), flush=True)


def pytorch_train(words):
    name = "epoch torch" + (" channels-last" if "--channels-last" in words else "")
    if "LD_PRELOAD" not in os.environ:
        name += " as installed"
    print(json.dumps({"epochs": [{"images_per_s": 60_000 / next_time(name) * 1e3}]}))


def main():
    name, words = pathlib.Path(sys.argv[1]).name, sys.argv[2:]
    if name == "-c":
        sys.exit(0 if words == [f"import {os.environ.get('FAKE_PACKAGE')}"] else 1)
    if name == "bench":
        bench(words)
    elif name == "train":
        train(words)
    elif name == "torch_worker.py":
        torch_worker()
    elif name == "pytorch_train.py":
        pytorch_train(words)
    elif name == "onnxruntime_infer.py":
        print(json.dumps({"rows": [{"median_ms": next_time("onnxruntime")}]}))
    else:
        sys.exit(f"fake_program: asked for {sys.argv}")


main()
