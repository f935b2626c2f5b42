"""Calibration of probabilities, and the tables of a model card."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

BINS = 15
CONFUSIONS = 12


def fit_temperature(logits, targets):
    """The divisor of the logits that gives the held-out labels the highest likelihood (Guo et al. 2017)."""
    rows = np.arange(len(targets))

    def loss(temperature):
        return -log_softmax(logits / temperature, axis=1)[rows, targets].mean()

    return minimize_scalar(loss, bounds=(0.05, 20), method="bounded").x


def calibration(probabilities, targets):
    """Expected calibration error, and per bin of confidence: messages, mean confidence, accuracy."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == targets
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    table = [
        (i, (bins == i).sum(), confidence[bins == i].mean(), right[bins == i].mean()) for i in np.unique(bins)
    ]
    return sum(count * abs(mean - accuracy) for _, count, mean, accuracy in table) / len(targets), table


def report(probabilities, classes, labels):
    """Prints what the model card says of test messages, and returns the metrics of the manifest."""
    targets = np.searchsorted(classes, labels)
    predicted = probabilities.argmax(axis=1)
    accuracy = (predicted == targets).mean()
    error, table = calibration(probabilities, targets)
    print(f"accuracy {accuracy:.4f}, expected calibration error {error:.4f}")
    for i, count, mean, right in table:
        print(f"| {i / BINS:.2f}-{(i + 1) / BINS:.2f} | {count} | {mean:.3f} | {right:.3f} |")
    pairs, counts = np.unique(
        np.stack([targets, predicted])[:, targets != predicted], axis=1, return_counts=True
    )
    for i in np.argsort(-counts, kind="stable")[:CONFUSIONS]:
        print(f"| {classes[pairs[0, i]]} | {classes[pairs[1, i]]} | {counts[i]} |")
    return {
        "accuracy": round(float(accuracy), 4),
        "messages": len(labels),
        "expectedCalibrationError": round(float(error), 4),
    }


def examples_of(texts, probabilities, classes):
    """The entries of examples.json."""
    return [
        {"text": text, "label": str(classes[row.argmax()]), "score": round(float(row.max()), 6)}
        for text, row in zip(texts, probabilities, strict=True)
    ]
