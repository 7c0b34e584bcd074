"""What the peers' scripts share: the models of tests/golden, the machine, medians."""

import json
import os
import pathlib
import platform
import statistics
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE.parents[1] / "tests" / "golden"
sys.path.insert(0, str(GOLDEN))


def cpus():
    """How many CPUs this process may use: the default number of threads."""
    return len(os.sched_getaffinity(0))


def cpu_name():
    for line in open("/proc/cpuinfo", encoding="utf-8"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def machine():
    """What a reader must know to compare two results."""
    names = ("LD_PRELOAD", "OPENBLAS_CORETYPE", "OMP_NUM_THREADS")
    return {"cpu": cpu_name(), "cpus": cpus(), "load_before": os.getloadavg()[0],
            "environment": {name: os.environ[name] for name in names if name in os.environ}}


def measure(function, repeats, warm_up=5):
    """Runs `function` and returns its milliseconds: median, least, 90 % quantile."""
    for _ in range(warm_up):
        function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append((time.perf_counter() - start) * 1e3)
    return spread(times)


def spread(times):
    ordered = sorted(times)
    return {"median_ms": statistics.median(ordered), "min_ms": ordered[0],
            "p90_ms": ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))],
            "repeats": len(ordered)}


def report(result, as_json, lines):
    """Prints one JSON document, or the lines for people."""
    print(json.dumps(result, indent=1) if as_json else "\n".join(lines))
