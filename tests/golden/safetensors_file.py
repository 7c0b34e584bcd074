"""The safetensors format in plain Python, for machines without the package.

An unsigned 64-bit little-endian length, a JSON header of that length that maps
each name to {"dtype", "shape", "data_offsets": [begin, end]}, then the data.
"__metadata__" maps strings to strings. The package writes metadata in an order
that changes from run to run; `write` sorts everything, so that the same content
gives the same bytes.
"""

import json
import struct

import numpy as np

DTYPES = {
    "F64": np.float64, "F32": np.float32, "F16": np.float16,
    "I64": np.int64, "I32": np.int32, "I16": np.int16, "I8": np.int8,
    "U8": np.uint8, "BOOL": np.bool_,
}
NAMES = {np.dtype(dtype): name for name, dtype in DTYPES.items()}


def read(path):
    """Returns (tensors, metadata): a dict of NumPy arrays, a dict of strings."""
    with open(path, "rb") as file:
        content = file.read()
    (length,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8:8 + length].decode("utf-8"))
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        array = np.frombuffer(content[begin:end], dtype=DTYPES[entry["dtype"]])
        tensors[name] = array.reshape(entry["shape"]).copy()
    return tensors, metadata


def write(path, tensors, metadata):
    """Writes NumPy arrays, wider types first so that every one is aligned."""
    order = sorted(tensors, key=lambda name: (-tensors[name].itemsize, name))
    header = {"__metadata__": dict(sorted(metadata.items()))}
    blocks, offset = [], 0
    for name in order:
        array = tensors[name]
        blocks.append(array.tobytes())  # in C order, whatever the strides
        end = offset + len(blocks[-1])
        header[name] = {"dtype": NAMES[array.dtype], "shape": list(array.shape),
                        "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blocks))
