#!/usr/bin/python3
"""Times inference of the chapter's classifiers in PyTorch, for batches of 1 and of 100.

    pytorch_infer.py --model fashion-cnn --threads 2 [--channels-last] [--script]

`--script` freezes and optimises the model with TorchScript first, which folds batch norm
into the convolutions. For the allocator see pytorch_train.py.
"""

import argparse

import common
import fashion
import safetensors_file
import torch


def load(name, channels_last, script):
    """The model with the committed weights, ready to be called."""
    state, _ = safetensors_file.read(common.GOLDEN / f"{name.replace('-', '_')}.safetensors")
    model = fashion.MODELS[name]().eval()
    model.load_state_dict({key: torch.from_numpy(value) for key, value in state.items()})
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
    if script:
        example = torch.zeros(100, 1, 28, 28)
        model = torch.jit.optimize_for_inference(torch.jit.trace(model, example))
    return model


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=sorted(fashion.MODELS), default="fashion-cnn")
    parser.add_argument("--threads", type=int, default=common.cpus())
    parser.add_argument("--batch-size", type=int, nargs="+", default=[1, 100])
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--script", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    machine = common.machine()
    model = load(arguments.model, arguments.channels_last, arguments.script)
    layout = torch.channels_last if arguments.channels_last else torch.contiguous_format
    rows, lines = [], [f"PyTorch {torch.__version__}, {arguments.model}, "
                       f"{arguments.threads} threads, {machine['cpu']}"]
    with torch.no_grad():
        for batch_size in arguments.batch_size:
            images = torch.rand(batch_size, 1, 28, 28).to(memory_format=layout)
            times = common.measure(lambda: model(images), arguments.repeats)
            rows.append({"batch_size": batch_size, **times})
            lines.append(f"batch {batch_size}: {times['median_ms']:.3f} ms (least "
                         f"{times['min_ms']:.3f}, 90 % below {times['p90_ms']:.3f})")
    common.report({
        "peer": "pytorch", "version": torch.__version__, "model": arguments.model,
        "threads": arguments.threads, "channels_last": arguments.channels_last,
        "script": arguments.script, "machine": machine, "rows": rows,
    }, arguments.json, lines)


if __name__ == "__main__":
    main()
