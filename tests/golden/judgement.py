#!/usr/bin/env python3
"""Writes judgement.safetensors: how far probabilities can be believed, and McNemar's test.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install numpy==2.4.6 scipy==1.17.1
    /tmp/venv/bin/python judgement.py

calibrationNNN.probability  f32 [n]        of the answer
calibrationNNN.right        u8 [n]         whether that was the truth
calibrationNNN.bins         f64 [15, 3]    count, accuracy, mean probability (0 for 0/0)
calibrationNNN.ece          f64 []         Guo et al. 2017, equation 3
mcnemar.counts              i64 [n, 2]     samples that one alone answers right
mcnemar.p                   f64 [n]        scipy.stats: below 25 of them binomtest, else chi2.sf
                                           with Edwards' correction, 1 where both are equal
"""

import pathlib

import numpy as np
import scipy
from scipy import stats

import safetensors_file

HERE = pathlib.Path(__file__).resolve().parent
BINS = 15


def calibration(probability, right):
    """As the paper writes it: bin m holds what lies in ((m - 1) / 15, m / 15]."""
    edges = np.arange(1, BINS) / BINS
    member = np.digitize(probability.astype(np.float64), edges, right=True)
    bins = np.zeros((BINS, 3))
    ece = 0.0
    for m in range(BINS):
        inside = member == m
        if inside.any():
            bins[m] = inside.sum(), right[inside].mean(), probability[inside].mean(dtype=np.float64)
            ece += inside.mean() * abs(bins[m, 1] - bins[m, 2])
    return {"probability": probability, "right": right.astype(np.uint8), "bins": bins,
            "ece": np.array(ece)}


def mcnemar(a, b):
    if a + b == 0:
        return 1.0
    if a + b < 25:
        return stats.binomtest(int(min(a, b)), int(a + b), 0.5).pvalue
    return stats.chi2.sf(max(0, abs(a - b) - 1) ** 2 / (a + b), 1)


def main():
    random = np.random.default_rng(2017)
    tensors = {}
    sure = random.beta(8, 1, 1000).astype(np.float32)
    cases = [
        (sure, random.random(1000) < 0.7),                              # too sure of itself
        (sure, random.random(1000) < sure),                             # as it says
        (random.random(17).astype(np.float32), random.random(17) < 0.5),  # most bins of 0 or 1
        (np.array([0, 1, 1], np.float32), np.array([1, 1, 0])),         # the ends
    ]
    for i, (probability, right) in enumerate(cases):
        for name, value in calibration(probability, np.asarray(right)).items():
            tensors[f"calibration{i:03}.{name}"] = value
    counts = np.array([(0, 0), (0, 1), (0, 5), (3, 12), (12, 3), (12, 12), (10, 14), (0, 24),
                       (12, 13), (15, 10), (0, 25), (30, 30), (86, 150), (150, 86), (500, 501),
                       (2, 3000)])
    tensors["mcnemar.counts"] = counts
    tensors["mcnemar.p"] = np.array([mcnemar(a, b) for a, b in counts])
    safetensors_file.write(HERE / "judgement.safetensors", tensors,
                           {"numpy": np.__version__, "scipy": scipy.__version__})


if __name__ == "__main__":
    main()
