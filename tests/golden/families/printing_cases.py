"""How NumPy prints arrays: `x`, and in the metadata `str` and `repr`."""

import numpy as np
import torch

from recorder import Family


def add(family, values, dtype):
    array = np.array(values).astype(dtype)
    case = family.case("print", dtype=np.dtype(dtype).name, str=str(array), repr=repr(array))
    case.keep("x", torch.from_numpy(array))


def build():
    family = Family("printing")
    nan, inf = float("nan"), float("inf")
    rng = np.random.default_rng(7)
    for dtype in ("float64", "float32"):
        for values in [
                0.0, 1.5, -2.25, 0.1, nan, -inf, 1e-5, 123456789.0, 1e16, [], [1.0], [1.0, 2.0],
                [0.25, 0.5, 0.25], [1.0, -1.0, 0.5], [0.1, 0.25, 100.0], [1 / 3, 2 / 3, 1.0],
                [1e-3, 1.0], [1e-4, 1.0], [1e-5, 1.0], [1e8, 1.0], [1e7, 0.5], [1e20, 1e-20],
                [1e16, 1.0], [nan, 1.0, -2.0], [inf, -inf, 0.5], [nan, nan], [-0.0, 0.0],
                [123456.789, 0.001234], [1e3, 1e-1], [99999999.0, 3.0], [1e5, 1e5 + 0.015625],
                [[1.0, 2.0], [3.0, 4.0]], [[0.5, -10.0], [100.25, nan]], np.zeros((2, 2, 2)),
                np.ones((1, 1, 3, 3)), np.zeros((0, 3)), np.zeros((2, 0)), np.arange(30.0),
                np.arange(1001.0), np.zeros((40, 40)), np.arange(2400.0).reshape(4, 600),
                np.arange(1200.0).reshape(12, 10, 10), rng.standard_normal((3, 5)),
                rng.standard_normal(20) * 1e-6, rng.standard_normal((2, 3, 4)) * 1e4]:
            add(family, values, dtype)
    for values in [0, -7, [], [1, 2, 3], [-1, 10, 100], [[3, 1, 1, 3], [1, 2, 3, 0]],
                   np.arange(34) * 3, np.arange(24).reshape(6, 4) * 3, np.arange(1001),
                   np.arange(1200).reshape(2, 2, 300), [10**18, -1]]:
        add(family, values, "int64")
    for values in [5, [0, 255], [[0, 128], [7, 64]], np.zeros((28, 28))]:
        add(family, values, "uint8")
    for values in [True, [True, False], [[True, True], [False, True]], [], np.zeros(1001)]:
        add(family, values, "bool")
    return family
