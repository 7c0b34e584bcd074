"""Fovea and its peers in turns: ours, theirs, ours, theirs, and the ratios of their times."""

import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build"


def environment(best):
    """Variables for PyTorch at its best, or for any program as installed."""
    variables = {key: value for key, value in os.environ.items()
                 if key not in ("OMP_NUM_THREADS", "OMP_WAIT_POLICY")}
    if best:
        variables.pop("OPENBLAS_CORETYPE", None)
        variables["LD_PRELOAD"] = "libtcmalloc_minimal.so.4"
        variables["TCMALLOC_RELEASE_RATE"] = "0"
    return variables


def json_of(command, **options):
    """The JSON document that a command prints."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, check=True,
                          text=True, **{"env": environment(False), **options})
    return json.loads(done.stdout)


def fovea_ms(program, row, threads, seconds, *words):
    """Milliseconds of one row of `fovea bench`, measured once."""
    document = json_of([program, "bench", "--json", "--rounds", 1, "--seconds", seconds,
                        "--threads", threads, "--only", row, *words])
    (found,) = [one for one in document["rows"] if one["name"] == row]
    return found["ms"]


class TorchWorker:
    """PyTorch in a process of its own; see torch_worker.py."""

    def __init__(self, python, threads, best=True):
        self.process = subprocess.Popen(
            [python, HERE / "torch_worker.py", str(threads)], env=environment(best),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.version = json.loads(self.process.stdout.readline())["version"]

    def ms(self, work, seconds):
        self.process.stdin.write(json.dumps({**work, "seconds": seconds}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"PyTorch ended while it ran {work}")
        return json.loads(answer)["ms"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


@dataclasses.dataclass
class Result:
    """Times of the same work here and there, in milliseconds, a value a round."""
    name: str
    ours: list
    theirs: list
    note: str = ""

    def ratio(self, middle=statistics.median):
        """By how much Fovea is faster: their time over ours."""
        return middle(self.theirs) / middle(self.ours)

    def row(self):
        ours, theirs = statistics.median(self.ours), statistics.median(self.theirs)
        return (f"| {self.name} | {ours:.3f} | {theirs:.3f} | {self.ratio():.2f} "
                f"| {self.ratio(min):.2f} | {self.note} |")


def take_turns(name, rounds, ours, variants):
    """Runs `ours` and each of `variants` ({note: function}) in turns; the fastest one counts."""
    mine, others = [], {note: [] for note in variants}
    for _ in range(rounds):
        mine.append(ours())
        for note, function in variants.items():
            others[note].append(function())
    note = min(others, key=lambda one: statistics.median(others[one]))
    result = Result(name, mine, others[note], note)
    print(result.row(), file=sys.stderr, flush=True)
    return result


def table(title, results):
    """A table in Markdown, the worst ratio last."""
    lines = [f"### {title}", "",
             "| work | Fovea, ms | peer, ms | ratio of medians | of least | peer |",
             "|---|---:|---:|---:|---:|---|"]
    ordered = sorted(results, key=lambda one: -one.ratio())
    return "\n".join(lines + [one.row() for one in ordered]) + "\n"
