#!/usr/bin/python3
"""Times inference in ONNX Runtime, for batches of 1 and of 100.

    onnxruntime_infer.py --model fashion-cnn --threads 2    exported by PyTorch first
    onnxruntime_infer.py --model resnet18 --threads 2       a model of torchvision's, new weights
    onnxruntime_infer.py --onnx model.onnx --threads 2      a file, for example Fovea's export

The package `onnxruntime` comes from PyPI. Without --onnx it also needs PyTorch (and torchvision,
for its models), and the outputs are compared with PyTorch's before anything is timed.
"""

import argparse
import pathlib
import tempfile

import common
import numpy as np
import onnxruntime


def export(name, path):
    """Writes the model and checks what it computes. fashion-cnn and fashion-dnn have the committed
    weights."""
    import torch
    torch.manual_seed(0)
    if name.startswith("fashion-"):
        from pytorch_infer import load
        model, images = load(name, channels_last=False, script=False), torch.rand(3, 1, 28, 28)
    else:
        import torchvision
        model = getattr(torchvision.models, name)(weights=None).eval()
        images = torch.rand(1, 3, 224, 224)
    torch.onnx.export(model, images, path, input_names=["input"], output_names=["logits"],
                      dynamic_axes={"input": {0: "n"}, "logits": {0: "n"}}, opset_version=13)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (logits,) = session.run(None, {"input": images.numpy()})
    expected = model(images).detach().numpy()
    difference = np.abs(logits - expected).max() / max(1, np.abs(expected).max())
    if difference > 1e-4:
        raise SystemExit(f"the exported model is off by {difference}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="fashion-cnn",
                        help="fashion-cnn, fashion-dnn or a model of torchvision's")
    parser.add_argument("--onnx", type=pathlib.Path, help="a file instead of --model")
    parser.add_argument("--threads", type=int, default=common.cpus())
    parser.add_argument("--batch-size", type=int, nargs="+", default=[1, 100])
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()

    machine = common.machine()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = arguments.threads
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.onnx
        if path is None:
            path = pathlib.Path(folder) / "model.onnx"
            export(arguments.model, path)
        session = onnxruntime.InferenceSession(str(path), options,
                                               providers=["CPUExecutionProvider"])
    (node,) = session.get_inputs()
    model = str(arguments.onnx or arguments.model)
    rows, lines = [], [f"ONNX Runtime {onnxruntime.__version__}, {model}, "
                       f"{arguments.threads} threads, {machine['cpu']}"]
    for batch_size in arguments.batch_size:
        shape = [batch_size, *node.shape[1:]]
        feed = {node.name: np.random.default_rng(0).random(shape, dtype=np.float32)}
        times = common.measure(lambda: session.run(None, feed), arguments.repeats)
        rows.append({"batch_size": batch_size, **times})
        lines.append(f"batch {batch_size}: {times['median_ms']:.3f} ms (least "
                     f"{times['min_ms']:.3f}, 90 % below {times['p90_ms']:.3f})")
    common.report({
        "peer": "onnxruntime", "version": onnxruntime.__version__, "model": model,
        "threads": arguments.threads, "machine": machine, "rows": rows,
    }, arguments.json, lines)


if __name__ == "__main__":
    main()
