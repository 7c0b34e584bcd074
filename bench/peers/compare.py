#!/usr/bin/python3
"""Compares Fovea with PyTorch and ONNX Runtime on this machine, in turns, and writes tables.

    ./dev bench peers                      everything that is installed
    bench/peers/compare.py --only random   networks drawn at random alone
    bench/peers/compare.py --markdown F    the tables into a file

PyTorch is the package `torch` in the Python that --torch-python names (Debian's python3-torch), at
its best: tcmalloc, no OPENBLAS_CORETYPE, channels-last memory or not, whichever is faster. ONNX
Runtime is the package `onnxruntime` in the Python that --onnx-python names. What is not installed
is left out and named.
"""

import argparse
import csv
import pathlib
import subprocess
import sys
import tempfile

import common
from turns import (BUILD, HERE, Result, TorchWorker, environment, fovea_ms, json_of, table,
                   take_turns)

EPOCH = 60_000


def steps_of(names, arguments, extra=()):
    """Training steps: rows of `fovea bench` against the same networks in PyTorch."""
    listed = json_of([arguments.fovea, "bench", "--list", "--json", *extra])["rows"]
    worker = TorchWorker(arguments.torch_python, arguments.threads)
    results = []
    for row in listed:
        if not row["name"].startswith(names):
            continue
        work = row.get("network", {"model": row["name"].split("/")[1], "batch_size": 100})

        def theirs(channels_last, work=work):
            return worker.ms({**work, "channels_last": channels_last}, arguments.seconds)

        results.append(take_turns(
            row["name"], arguments.rounds,
            lambda row=row: fovea_ms(arguments.fovea, row["name"], arguments.threads,
                                     arguments.seconds, *extra),
            {"PyTorch": lambda: theirs(False), "PyTorch, channels-last": lambda: theirs(True)}))
    worker.close()
    return results


def our_epoch(model, arguments):
    """Milliseconds of an epoch's steps and loading, from results.csv."""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            [str(arguments.fovea), "train", model, "--epochs", "2", "--threads",
             str(arguments.threads), "--limit-test", "100", "--project", folder, "--quiet"],
            stdout=subprocess.PIPE, text=True, check=True, env=environment(False)).stdout.strip()
        with open(pathlib.Path(run) / "results.csv", encoding="utf-8") as file:
            last = list(csv.DictReader(file))[-1]
        return EPOCH / float(last["images_per_s"]) * 1e3


def their_epoch(model, arguments, best, *words):
    """The same of PyTorch's DataLoader and loop, from fewer images."""
    document = json_of(
        [arguments.torch_python, HERE / "pytorch_train.py", "--json", "--model", model,
         "--threads", arguments.threads, "--limit", arguments.epoch_images, *words],
        env=environment(best))
    return EPOCH / document["epochs"][-1]["images_per_s"] * 1e3


def epochs(arguments):
    results = []
    for model in ("fashion-cnn", "fashion-dnn"):
        best = {"at its best": lambda: their_epoch(model, arguments, True)}
        if model == "fashion-cnn":
            best["at its best, channels-last"] = lambda: their_epoch(
                model, arguments, True, "--channels-last")
        installed = {"as installed": lambda: their_epoch(model, arguments, False)}
        for variants in (best, installed):
            results.append(take_turns(f"epoch/{model}", arguments.rounds,
                                      lambda: our_epoch(model, arguments), variants))
    return results


def inference(arguments):
    results = []
    for batch, threads in ((100, arguments.threads), (1, 1)):
        def theirs(batch=batch, threads=threads):
            document = json_of([arguments.onnx_python, HERE / "onnxruntime_infer.py", "--json",
                                "--threads", threads, "--batch-size", batch])
            return document["rows"][0]["median_ms"]

        results.append(take_turns(
            f"infer/fashion-cnn/batch{batch}, {threads} threads", arguments.rounds,
            lambda batch=batch, threads=threads: fovea_ms(
                arguments.fovea, f"infer/fashion-cnn/batch{batch}", threads, arguments.seconds),
            {"ONNX Runtime": theirs}))
    return results


CLASSIC = ("alexnet", "vgg16", "googlenet", "resnet18", "resnet50", "mobilenet_v2", "squeezenet1_1")


def classic(arguments):
    """One image of 224x224 through the classic networks, the graph that `fovea run` runs."""
    results = []
    for model in CLASSIC:
        for threads in sorted({arguments.threads, 1}, reverse=True):
            row = f"session/{model}/batch1"

            def theirs(model=model, threads=threads):
                document = json_of([arguments.onnx_python, HERE / "onnxruntime_infer.py", "--json",
                                    "--threads", threads, "--batch-size", 1, "--model", model,
                                    "--repeats", 50])
                return document["rows"][0]["median_ms"]

            results.append(take_turns(
                f"{row}, {threads} threads", arguments.rounds,
                lambda model=model, threads=threads, row=row: fovea_ms(
                    arguments.fovea, row, threads, arguments.seconds, "--model", model),
                {"ONNX Runtime": theirs}))
    return results


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["steps", "random", "epochs", "inference", "classic"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="of one measurement")
    parser.add_argument("--threads", type=int, default=common.cpus())
    parser.add_argument("--random", type=int, default=20, help="networks drawn at random")
    parser.add_argument("--epoch-images", type=int, default=6000,
                        help="images from which PyTorch's epoch is reckoned")
    parser.add_argument("--fovea", type=pathlib.Path, default=BUILD / "release" / "bin" / "fovea")
    parser.add_argument("--torch-python", type=pathlib.Path, default="/usr/bin/python3")
    parser.add_argument("--onnx-python", type=pathlib.Path,
                        default=BUILD / "peers" / "venv" / "bin" / "python")
    parser.add_argument("--markdown", type=pathlib.Path, help="where the tables go too")
    return parser.parse_args()


def has(python, package):
    return pathlib.Path(python).exists() and subprocess.run(
        [str(python), "-c", f"import {package}"], capture_output=True, check=False).returncode == 0


def main():
    arguments = parse()
    torch = has(arguments.torch_python, "torch")
    parts = {
        "steps": ("Training steps", torch, lambda: steps_of("train-step/", arguments)),
        "random": ("Networks drawn at random, training steps", torch, lambda: steps_of(
            "train-step/random", arguments, ("--random", arguments.random))),
        "epochs": ("Epochs of 60,000 images", torch, lambda: epochs(arguments)),
        "inference": ("Inference", has(arguments.onnx_python, "onnxruntime"),
                      lambda: inference(arguments)),
        "classic": ("Classic networks, one image", has(arguments.onnx_python, "onnxruntime"),
                    lambda: classic(arguments)),
    }
    texts = [f"{common.cpu_name()}, {arguments.threads} threads, {arguments.rounds} rounds\n"]
    for name, (title, installed, run) in parts.items():
        if arguments.only not in (None, name):
            continue
        if not installed:
            print(f"compare: {name} left out: its peer is not installed (bench/peers/README.md)",
                  file=sys.stderr)
            continue
        results: list[Result] = run()
        texts.append(table(title, results))
    text = "\n".join(texts)
    print(text)
    if arguments.markdown:
        arguments.markdown.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
