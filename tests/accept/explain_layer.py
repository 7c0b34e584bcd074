"""Whether `fovea explain layer` tells the truth of 200 values of each model.

    explain_layer.py FOVEA WEIGHTS...

Layers, channels and places are drawn; the picture is a sample of Fashion-MNIST. Each value is that
of the layer's whole output (`explain features`, another run of the kernels), and follows from what
the walk says was read: exactly where nothing is added in another order, and else within 1e-6 of
the sum of |products| and |bias|; tanh is f32's, within 1e-6 of itself. Below each model stands
which types of layer were not exact. Exit codes: 0 all do; 1 one does not.
"""

import json
import math
import random
import struct
import subprocess
import sys

TRIPLES = 200
BOUND = 1e-6


def flat(values):
    if values is None:
        return []
    if not isinstance(values, list):
        return [values]
    return [number for one in values for number in flat(one)]


def f32(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def distance(said):
    """0 for a value that follows exactly; else how far it is off, as a share of what was added."""
    value, window, sum_ = said["value"], flat(said["window"]), said["sum"]
    products, bias = flat(said["products"]), said["bias"] or 0
    if said["type"] in ("MaxPool2d", "MaxPool", "AdaptiveMaxPool2d"):
        return 0 if value == max(window) else math.inf
    if said["type"] in ("ReLU", "Relu"):
        return 0 if value == max(window[0], 0) else math.inf
    if said["type"] == "Tanh":  # f32's own
        return abs(value - math.tanh(window[0])) / abs(value)
    if products:
        weights = flat(said["weights"])
        if "normalized" not in said:  # what batch norm multiplies is not its window
            if any(p != f * w for p, f, w in zip(products, window, weights, strict=True)):
                return math.inf
        size, exact = sum(map(abs, products)) + abs(bias), math.fsum(products) + bias
    elif "count" in said:  # a mean
        size, exact = sum(map(abs, window)) / said["count"], math.fsum(window) / said["count"]
    else:  # what is moved, and functions of one value that change nothing when a model is judged
        return 0 if value in window else math.inf
    if f32(exact) == value:
        return 0
    return abs(value - exact) / size


def main():
    fovea, failed = sys.argv[1], False
    print(f"{'model':14}{'triples':>9}{'to the bit':>12}{'other order':>13}{'furthest':>12}")
    for weights in sys.argv[2:]:
        def explain(topic, *words):
            flags = ["--weights", weights, "--index", "7", "--format", "json"]
            done = subprocess.run([fovea, "explain", topic, *words, *flags], check=True,
                                  capture_output=True, text=True)
            return json.loads(done.stdout)

        sizes = json.loads(subprocess.run(
            [fovea, "explain", "sizes", weights, "--format", "json"], check=True,
            capture_output=True, text=True).stdout)
        draw, maps, exact, furthest, others = random.Random(7), {}, 0, 0.0, set()
        for _ in range(TRIPLES):
            layer = draw.choice(sizes)
            channel, *at = [draw.randrange(size) for size in layer["output"]]
            words = ["--layer", layer["layer"], "--channel", str(channel)]
            said = explain("layer", *words, *(["--at", ",".join(map(str, at))] if at else []))
            off = distance(said)
            if len(at) == 2:
                if layer["layer"] not in maps:
                    given = explain("features", "--layer", layer["layer"])["maps"]
                    maps[layer["layer"]] = given
                if f32(maps[layer["layer"]][channel][at[0]][at[1]]) != said["value"]:
                    off = math.inf
            if off > BOUND:
                print(f"{weights}: {' '.join(words)} {at} of {said['type']}: off by {off}")
                failed = True
            exact += off == 0
            if off > 0:
                others.add(said["type"])
            furthest = max(furthest, off)
        name = weights.split("/")[-3] if weights.endswith(".safetensors") else "ONNX import"
        print(f"{name:14}{TRIPLES:9}{exact:12}{TRIPLES - exact:13}{furthest:12.1e}")
        print(f"{'':14}another order: {', '.join(sorted(others))}", flush=True)
    return 1 if failed else 0


sys.exit(main())
