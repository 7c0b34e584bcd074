#!/usr/bin/python3
"""Fetches the versions of oneDNN that tools/onednn/*.txt list from PyPI, for tests.

    tools/fetch_onednn.py FOLDER

Headers and library of tools/onednn/3.2.txt go to FOLDER/3.2/include and FOLDER/3.2/lib. What is
there already and from the same list stays.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

LISTS = pathlib.Path(__file__).parent / "onednn"


def download(requirements, folder):
    """The wheels that a list names; pip compares their checksums with the list's."""
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes",
         "--retries", "1", "--timeout", "60", "--dest", folder, "--requirement", requirements],
        check=True)
    return sorted(pathlib.Path(folder).glob("*.whl"))


def unpack(wheel, folder):
    """Writes include/** and lib/libdnnl.so.MAJOR from a wheel's data below `folder`."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            # NAME-VERSION.data/data/include/...; the library is there under three names.
            parts = pathlib.PurePosixPath(name).parts[2:]
            is_header = parts[:1] == ("include",)
            is_library = parts[:1] == ("lib",) and parts[-1].split(".so.")[-1].isdigit()
            if is_header or is_library:
                target = folder.joinpath(*parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(name))


def fetch(requirements, folder):
    """One version, unless it is there."""
    record = folder / requirements.name
    if record.exists() and record.read_bytes() == requirements.read_bytes():
        return
    print(f"fetch_onednn: oneDNN {requirements.stem} from PyPI to {folder}", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".") as work:
        work = pathlib.Path(work)
        for wheel in download(requirements, work / "wheels"):
            unpack(wheel, work / "new")
        shutil.copy(requirements, work / "new")
        (work / "new").rename(folder)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for requirements in sorted(LISTS.glob("*.txt")):
        try:
            fetch(requirements, pathlib.Path(sys.argv[1]) / requirements.stem)
        except subprocess.CalledProcessError as error:
            sys.exit(f"fetch_onednn: pip expected to download {requirements}, got exit status "
                     f"{error.returncode}")


main()
