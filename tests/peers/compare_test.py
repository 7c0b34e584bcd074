#!/usr/bin/python3
"""Tests bench/peers/compare.py with programs that only pretend (fake_program.py): no PyTorch, no
ONNX Runtime and no build is needed. What is tested is who is asked in which order, and what the
tables say of the times.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
COMPARE = HERE.parents[1] / "bench" / "peers" / "compare.py"
FAKE = HERE / "fake_program.py"


class Compare(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def compare(self, only, times, package="torch", rounds=3):
        """Runs it; returns its tables' rows (lists of cells), what was asked for, and stderr."""
        log = self.folder / "log"
        log.write_text("", encoding="utf-8")
        environment = {key: value for key, value in os.environ.items() if key != "LD_PRELOAD"}
        environment |= {"FAKE_LOG": str(log), "FAKE_TIMES": json.dumps(times),
                        "FAKE_PACKAGE": package}
        done = subprocess.run(
            ["/usr/bin/python3", COMPARE, "--only", only, "--rounds", str(rounds), "--threads", "2",
             "--fovea", FAKE, "--torch-python", FAKE, "--onnx-python", FAKE,
             "--markdown", self.folder / "tables.md"],
            capture_output=True, text=True, env=environment, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, (self.folder / "tables.md").read_text() + "\n")
        rows = [[cell.strip() for cell in line.strip("|").split("|")]
                for line in done.stdout.splitlines() if line.startswith("| ")]
        return rows[1:], log.read_text(encoding="utf-8").splitlines(), done.stderr

    def test_ratios_of_medians_and_of_least_times_against_the_faster_variant(self):
        rows, asked, _ = self.compare(
            "steps", {"fovea": [1, 4, 2], "torch": [7, 7, 7], "torch channels-last": [5, 6, 5]})
        cells = ["2.000", "5.000", "2.50", "5.00", "PyTorch, channels-last"]
        self.assertEqual(rows, [["train-step/fashion-cnn", *cells],
                                ["train-step/fashion-dnn", *cells]])
        # In turns, round by round; what is no training step is not asked for.
        self.assertEqual(asked, ["fovea", "torch", "torch channels-last"] * 3 * 2)

    def test_the_worst_ratio_stands_last(self):
        rows, _, _ = self.compare(
            "steps", {"fovea": [4, 2], "torch": [8], "torch channels-last": [9]}, rounds=1)
        self.assertEqual([[row[0], row[3]] for row in rows],
                         [["train-step/fashion-dnn", "4.00"], ["train-step/fashion-cnn", "2.00"]])
        self.assertEqual(rows[0][5], "PyTorch")

    def test_networks_drawn_at_random(self):
        rows, _, _ = self.compare(
            "random", {"fovea": [10], "torch": [5], "torch channels-last": [20]})
        self.assertEqual(rows, [["train-step/random0", "10.000", "5.000", "0.50", "0.50",
                                 "PyTorch"]])

    def test_epochs_at_its_best_and_as_installed(self):
        rows, asked, _ = self.compare("epochs", {
            "epoch fovea": [1000], "epoch torch": [8000], "epoch torch channels-last": [6000],
            "epoch torch as installed": [15000]}, rounds=1)
        self.assertEqual([[row[0], row[1], row[2], row[3], row[5]] for row in rows], [
            ["epoch/fashion-cnn", "1000.000", "15000.000", "15.00", "as installed"],
            ["epoch/fashion-dnn", "1000.000", "15000.000", "15.00", "as installed"],
            ["epoch/fashion-dnn", "1000.000", "8000.000", "8.00", "at its best"],
            ["epoch/fashion-cnn", "1000.000", "6000.000", "6.00", "at its best, channels-last"]])
        self.assertEqual(asked[:3], ["epoch fovea", "epoch torch", "epoch torch channels-last"])

    def test_inference(self):
        rows, _, _ = self.compare("inference", {"fovea": [2], "onnxruntime": [3]}, "onnxruntime")
        self.assertEqual([[row[0], row[3], row[5]] for row in rows],
                         [["infer/fashion-cnn/batch100, 2 threads", "1.50", "ONNX Runtime"],
                          ["infer/fashion-cnn/batch1, 1 threads", "1.50", "ONNX Runtime"]])

    def test_classic_networks(self):
        rows, asked, _ = self.compare("classic", {"fovea": [2], "onnxruntime": [3]}, "onnxruntime",
                                      rounds=1)
        self.assertEqual(len(rows), 14)  # seven, with two threads and with one
        self.assertIn(["session/resnet18/batch1, 1 threads", "2.000", "3.000", "1.50", "1.50",
                       "ONNX Runtime"], rows)
        self.assertEqual(asked, ["fovea", "onnxruntime"] * 14)

    def test_what_is_not_installed_is_named_and_left_out(self):
        rows, asked, said = self.compare("inference", {}, package="torch")
        self.assertEqual((rows, asked), ([], []))
        self.assertIn("compare: inference left out: its peer is not installed", said)


if __name__ == "__main__":
    unittest.main()
