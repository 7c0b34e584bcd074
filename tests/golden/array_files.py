"""Files of arrays and weights as NumPy and PyTorch write them, into tests/golden/files.

    /usr/bin/python3 array_files.py

The tests of fovea/io read them; what they must hold is said there.
"""

import pathlib

import numpy as np

FILES = pathlib.Path(__file__).parent / "files"


def numpy_files():
    ramp = np.arange(6, dtype=np.float32).reshape(2, 3)
    arrays = {
        "layer1.weight": ramp,
        "fortran": np.asfortranarray(ramp.astype(np.int16)),
        "big": ramp.astype(">f8"),
        "half": ramp.astype(np.float16),
        "flags": np.array([True, False, True]),
        "scalar": np.array(7, dtype=np.uint8),
        "empty": np.zeros((0, 4), dtype=np.int64),
    }
    np.savez(FILES / "arrays.npz", **arrays)
    np.savez_compressed(FILES / "arrays_deflated.npz", **arrays)
    np.savez(FILES / "objects.npz", fine=ramp, names=np.array(["a", None], dtype=object))


if __name__ == "__main__":
    FILES.mkdir(exist_ok=True)
    numpy_files()
