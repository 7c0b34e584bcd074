#!/usr/bin/python3
"""Kills a training again and again, resumes it each time, and compares it with one left alone.

    kill_and_resume.py FOVEA FOLDER KILLS SEED TRAIN_ARGUMENT...

Every second kill comes while a file is being written (its temporary is there), the others at
random moments. Exit code 0 when weights are the same byte for byte, and rows of results.csv and
steps.csv the same but for the clock's; what was seen is on standard output.
"""

import hashlib
import pathlib
import random
import signal
import subprocess
import sys
import time

CLOCK = {"time_s", "images_per_s", "data_wait_s"}


def temporaries(run):
    return [path for folder in (run, run / "state", run / "weights") if folder.is_dir()
            for path in folder.iterdir() if path.name.endswith(".tmp")]


def checkpoints(run):
    state = run / "state"
    return sorted(path.name for path in state.glob("step-*")) if state.is_dir() else []


def kill_one(command, run, early, inside, moments, pace):
    """Runs a sitting and kills it. Returns (ended by itself, killed inside a save)."""
    before = checkpoints(run)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while process.poll() is None and (not (run / "steps.csv").exists() if early
                                          else checkpoints(run) == before):
            time.sleep(0.002)
        end = time.monotonic() + (0 if early else moments.random() * pace)
        while process.poll() is None and time.monotonic() < end:
            time.sleep(0.001)
        while inside and process.poll() is None and not temporaries(run):
            pass
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
    code = process.wait()
    if code not in (0, -signal.SIGKILL):
        sys.exit(f"the training ended with {code}")
    return code == 0, bool(temporaries(run))


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def timeless(path):
    rows = [line.split(",") for line in path.read_text().splitlines()]
    kept = [i for i, name in enumerate(rows[0]) if name not in CLOCK]
    return [[row[i] for i in kept] for row in rows]


def compare(run, whole):
    for path in sorted((whole / "weights").iterdir()):
        own = digest(run / "weights" / path.name)
        if own != digest(path):
            sys.exit(f"{path.name}: SHA-256 {own} is not {digest(path)}")
        print(f"  {path.name:24} {own}")
    for name in ("results.csv", "steps.csv"):
        if timeless(run / name) != timeless(whole / name):
            sys.exit(f"{name} is another")
    if temporaries(run):
        sys.exit(f"left behind: {temporaries(run)}")


def main():
    fovea, folder, kills, seed = sys.argv[1], pathlib.Path(sys.argv[2]), *map(int, sys.argv[3:5])
    train = [fovea, "train", *sys.argv[5:], "--quiet", "--project"]
    start = time.monotonic()
    subprocess.run([*train, folder / "whole"], check=True, stdout=subprocess.DEVNULL)
    pace = (time.monotonic() - start) / kills / 2
    run, moments, inside, done, number = folder / "killed/exp", random.Random(seed), 0, False, 0
    while number < kills and not done:
        command = ([fovea, "train", "--resume", run, "--quiet"] if run.exists()
                   else [*train, folder / "killed"])
        # The first one before there is a checkpoint, and every other one inside a save.
        done, hit = kill_one(command, run, number == 0, number % 2 == 1, moments, pace)
        inside += hit
        number += not done
    subprocess.run([fovea, "train", "--resume", run, "--quiet"], check=True,
                   stdout=subprocess.DEVNULL)
    print(f"  {number} kills, {inside} of them inside a save", flush=True)
    if number < kills:
        sys.exit(f"it was finished after {number} of {kills} kills")
    if 2 * inside < kills:
        sys.exit("half of them were to be inside a save")
    compare(run, folder / "whole/exp")


if __name__ == "__main__":
    main()
