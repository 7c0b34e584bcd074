"""Files as NumPy, PyTorch and Python write them, into tests/golden/files.

    /usr/bin/python3 array_files.py

The tests of fovea/io read them; what they must hold is said there.
"""

import io
import pathlib
import tarfile

import numpy as np
import torch

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


class Reaches(torch.nn.Module):
    """A module, which torch.save pickles as a whole: code, and no weights alone."""


def torch_files():
    ramp = torch.arange(24, dtype=torch.float32)
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
    with torch.no_grad():
        for number, tensor in enumerate(model.state_dict().values()):
            tensor.fill_(number)
    torch.save(model.state_dict(), FILES / "model.pth")
    torch.save(model.state_dict(), FILES / "model_legacy.pth", _use_new_zipfile_serialization=False)
    tensors = {
        "ramp": ramp.view(2, 3, 4),
        "channels_last": ramp.view(1, 2, 3, 4).to(memory_format=torch.channels_last),
        "transposed": ramp.view(4, 6).t(),
        "slice": ramp[5:9],
        "parameter": torch.nn.Parameter(ramp[:2].clone()),
        "scalar": torch.tensor(7),
        "empty": torch.zeros(0, 3),
        "flags": torch.tensor([True, False]),
    }
    for dtype in "float64 float16 bfloat16 int64 int32 int16 int8 uint8".split():
        tensors[dtype] = torch.arange(3).to(getattr(torch, dtype))
    torch.save(tensors, FILES / "tensors.pth")
    torch.save(tensors, FILES / "tensors_legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(tensors, FILES / "tensors_protocol4.pth", pickle_protocol=4)
    torch.save({"epoch": 3, "state_dict": model.state_dict()}, FILES / "checkpoint.pth")
    torch.save(torch.zeros(2), FILES / "tensor.pth")
    torch.save(Reaches(), FILES / "module.pth")
    torch.save({"z": torch.zeros(2, dtype=torch.complex64)}, FILES / "complex.pth")
    torch.jit.script(torch.nn.ReLU()).save(str(FILES / "script.pt"))


def checkpoint_files():
    """What training scripts write: weights beside an optimiser's state, settings and numbers."""
    import argparse
    import collections

    model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.zeros(1, 1, 8, 8)).sum().backward()
    optimizer.step()
    average = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
    with torch.no_grad():
        for number, (one, other) in enumerate(
                zip(model.state_dict().values(), average.state_dict().values())):
            one.fill_(number)
            other.fill_(10 + number)
    reference = {  # torchvision/references/classification/train.py
        "model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3,
        "lr_scheduler": {"milestones": collections.Counter([2, 5]), "gamma": 0.1, "last_epoch": 3},
        "args": argparse.Namespace(lr=0.1, data=pathlib.PosixPath("photos"), sizes=(1, 2)),
        "best": np.float64(0.5), "done": {"a", "b"}, "size": torch.Size([1, 2]),
        "where": torch.device("cpu"), "dtype": torch.float32, "seen": np.arange(3),
        "counts": collections.defaultdict(list, {"x": [1]}), "scaler": None}
    torch.save(reference, FILES / "checkpoint_reference.pth")
    torch.save(reference, FILES / "checkpoint_legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(reference, FILES / "checkpoint_protocol4.pth", pickle_protocol=4)
    torch.save({"state_dict": model.state_dict(), "state_dict_ema": average.state_dict(),
                "arch": "x"}, FILES / "checkpoint_ema.pth")
    named = {f"model.{name}": tensor for name, tensor in model.state_dict().items()}
    lightning = {"pytorch-lightning_version": "2.5.0", "state_dict": named, "loops": {},
                 "callbacks": {}, "hyper_parameters": {"lr": 0.1}}
    torch.save(lightning, FILES / "checkpoint_lightning.pth")


def tar_files():
    deep = "d" * 120 + "/" + "n" * 90 + ".txt"
    files = {"000.cls": b"7", "000.png": b"x" * 600, "empty": b"", deep: b"deep"}
    formats = {"ustar": tarfile.USTAR_FORMAT, "pax": tarfile.PAX_FORMAT, "gnu": tarfile.GNU_FORMAT}
    for form, number in formats.items():
        with tarfile.open(FILES / f"{form}.tar", "w", format=number) as archive:
            folder = tarfile.TarInfo("folder")
            folder.type = tarfile.DIRTYPE
            archive.addfile(folder)
            for name, content in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))


if __name__ == "__main__":
    FILES.mkdir(exist_ok=True)
    numpy_files()
    torch_files()
    checkpoint_files()
    tar_files()
