#!/usr/bin/env python3
"""Writes metrics.safetensors: how scikit-learn judges answers.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install scikit-learn==1.9.1
    /tmp/venv/bin/python metrics.py

Of one class a sample: classNNN.truth and classNNN.answers i64 [n], and

classNNN.confusion  i64 [c, c]  confusion_matrix: rows are the truth
classNNN.classes    f64 [c, 3]  precision, recall, f1 (0 for 0/0)
classNNN.summary    f64 [2]     accuracy_score, and f1_score(average="macro"), of the classes that
                                are truth or answer somewhere
classNNN.balanced   f64 [c]     compute_class_weight("balanced"), where every class is truth

Of any number of labels a sample: caseNNN.scores f32 [n, c] are scores before the sigmoid, in
quarters so that some are equal; caseNNN.truth u8 [n, c]. An answer is yes where the sigmoid is at
least 1/2, the score at least 0.

caseNNN.counts   i64 [c, 2, 2]  multilabel_confusion_matrix: tn, fp / fn, tp
caseNNN.classes  f64 [c, 4]     precision, recall, f1 (0 for 0/0), average_precision_score
caseNNN.summary  f64 [4]        accuracy_score (of whole sets), 1 - hamming_loss, and the means of
                                f1 over the classes that are truth or answer somewhere, and of
                                average precision over those that are truth somewhere
"""

import pathlib
import warnings

import numpy as np
import sklearn
from sklearn import metrics
from sklearn.utils.class_weight import compute_class_weight

import safetensors_file

HERE = pathlib.Path(__file__).resolve().parent


def judge(scores, truth):
    answers = (scores >= 0).astype(np.uint8)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        truth, answers, average=None, zero_division=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a class without truth, which is then left out
        each = metrics.average_precision_score(truth, scores, average=None)
    there = np.flatnonzero(support > 0)
    seen = np.flatnonzero((support > 0) | (answers.sum(0) > 0))
    each = np.where(support > 0, each, 0.0)
    return {
        "counts": metrics.multilabel_confusion_matrix(truth, answers).astype(np.int64),
        "classes": np.stack([precision, recall, f1, each], 1),
        "summary": np.array([
            metrics.accuracy_score(truth, answers),
            1 - metrics.hamming_loss(truth, answers),
            metrics.f1_score(truth, answers, average="macro", labels=seen, zero_division=0),
            metrics.average_precision_score(truth[:, there], scores[:, there], average="macro"),
        ]),
    }


def judge_classes(truth, answers, classes):
    names = np.arange(classes)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        truth, answers, labels=names, average=None, zero_division=0)
    judged = {
        "confusion": metrics.confusion_matrix(truth, answers, labels=names).astype(np.int64),
        "classes": np.stack([precision, recall, f1], 1),
        "summary": np.array([
            metrics.accuracy_score(truth, answers),
            metrics.f1_score(truth, answers, average="macro", zero_division=0),
        ]),
    }
    if support.all():
        judged["balanced"] = compute_class_weight("balanced", classes=names, y=truth)
    return judged


def class_cases(random):
    # The last: a class that is neither truth nor answer, one that is never answered, one that is
    # answered and never true.
    for number, (samples, classes, share) in enumerate(
            [(50, 2, 0.7), (500, 10, 0.9), (300, 20, 0.2), (80, 6, 0.5)]):
        odds = random.random(classes) + 0.1
        truth = random.choice(classes, samples, p=odds / odds.sum())
        answers = np.where(random.random(samples) < share, truth, random.choice(classes, samples))
        if number == 3:
            truth[np.isin(truth, [0, 2])] = 3
            answers[np.isin(answers, [0, 1])] = 4
        yield f"class{number:03}", {"truth": truth.astype(np.int64),
                                    "answers": answers.astype(np.int64),
                                    **judge_classes(truth, answers, classes)}


def label_cases(random):
    # The last, as above.
    for number, (samples, classes, share) in enumerate(
            [(40, 3, 0.4), (200, 20, 0.1), (5, 2, 0.6), (60, 5, 0.3)]):
        truth = (random.random((samples, classes)) < share).astype(np.uint8)
        scores = np.round(4 * (random.normal(size=truth.shape) + 2 * truth - 1)) / 4
        if number == 3:
            truth[:, 0], scores[:, 0] = 0, -1
            scores[:, 1] = -np.abs(scores[:, 1]) - 0.25
            truth[:, 2] = 0
        scores = scores.astype(np.float32)
        yield f"case{number:03}", {"scores": scores, "truth": truth, **judge(scores, truth)}


def main():
    tensors = {}
    for cases in class_cases(np.random.default_rng(20261)), label_cases(
            np.random.default_rng(20260)):
        for case, values in cases:
            for name, value in values.items():
                tensors[f"{case}.{name}"] = np.ascontiguousarray(value)
    safetensors_file.write(HERE / "metrics.safetensors", tensors,
                           {"scikit-learn": sklearn.__version__})


if __name__ == "__main__":
    main()
