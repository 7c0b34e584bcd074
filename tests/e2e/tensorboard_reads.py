"""What `fovea train` writes for TensorBoard, read by TensorBoard's own reader.

    tensorboard_reads.py RUN

RUN is a run directory. Exit code 77: this Python has no tensorboard.
"""

import csv
import pathlib
import sys

try:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
except ImportError:
    sys.exit(77)


def close(a, b):
    return abs(a - b) <= 1e-6 * max(abs(a), abs(b), 1e-3)


def check(run):
    events = EventAccumulator(str(run), size_guidance={"scalars": 0, "histograms": 0, "images": 0})
    events.Reload()
    rows = list(csv.DictReader(open(run / "results.csv")))
    steps = list(csv.DictReader(open(run / "steps.csv")))
    assert rows and steps, "the run has epochs and logged steps"
    for tag, column in [("loss/train", "train_loss"), ("accuracy/train", "train_accuracy"),
                        ("loss/test", "test_loss"), ("accuracy/test", "test_accuracy")]:
        scalars = events.Scalars(tag)
        assert [s.step for s in scalars] == [int(row["step"]) for row in rows], tag
        assert all(close(s.value, float(row[column])) for s, row in zip(scalars, rows)), tag
    losses = events.Scalars("loss/step")
    assert [s.step for s in losses] == [int(row["step"]) for row in steps]
    assert all(close(s.value, float(row["loss"])) for s, row in zip(losses, steps))
    assert len(events.Scalars("learning_rate")) == len(steps)

    tags = events.Tags()
    assert len(tags["histograms"]) >= 2, tags
    for tag in tags["histograms"]:
        values = events.Histograms(tag)[-1].histogram_value
        assert values.num > 0 and sum(values.bucket) == values.num, tag
        assert values.min <= values.sum / values.num <= values.max, tag
        assert list(values.bucket_limit) == sorted(values.bucket_limit), tag
    pictures = events.Images("first_layer")
    assert len(pictures) == len(rows)
    assert pictures[0].encoded_image_string.startswith(b"\x89PNG")
    print(f"{len(losses)} steps, {len(rows)} epochs, {len(tags['histograms'])} histograms,",
          f"pictures of {pictures[0].width}x{pictures[0].height}")


check(pathlib.Path(sys.argv[1]))
