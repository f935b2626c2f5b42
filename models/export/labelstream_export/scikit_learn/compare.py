"""Compares the answers of labelstream with those of scikit-learn."""

from dataclasses import dataclass

import numpy as np

from labelstream_export.errors import DifferenceError
from labelstream_export.project import MOST_LISTED
from labelstream_export.scikit_learn.answers import MORE_THAN_HALF

TOLERANCE = 1e-5
# Labels whose probabilities differ by less are ties: the precision of 32-bit floats does not order them.
TIE = 1e-6
MOST_NAMED = 10


@dataclass(frozen=True)
class Comparison:
    texts: int
    ties: int
    largest: float


def compare(replies, scores, predicted, labels, kinds, multi_label=False):
    """Compares answers with scores and predictions of scikit-learn, a row per text. `kinds` describes each text.

    Raises DifferenceError that says how many texts differ and which, by number, where any does.
    """
    found = [
        _difference(one, own, truth, labels, multi_label)
        for one, own, truth in zip(replies, scores, predicted, strict=True)
    ]
    largest = max(difference for difference, _, _ in found)
    wrong = [kind for kind, (_, fault, _) in zip(kinds, found, strict=True) if fault]
    if wrong:
        faults = sorted({fault for _, fault, _ in found if fault})
        named = ", ".join(wrong[:MOST_NAMED]) + (", …" if len(wrong) > MOST_NAMED else "")
        raise DifferenceError(
            f"the exported model differs from scikit-learn in {len(wrong)} of {len(found)} texts, by up to {largest:.2g} "
            f"({'; '.join(faults)}): {named}. Nothing was written. Use a classifier whose decisions do not hang on the "
            "last digits (LogisticRegression; CalibratedClassifierCV with method='sigmoid'), or --raw-scores where "
            "predict() follows decision_function()"
        )
    return Comparison(len(found), sum(tied for _, _, tied in found), largest)


def _difference(reply, scores, predicted, labels, multi_label):
    """The largest difference of a score, what is wrong or None, and whether the label is one of several as probable."""
    if reply.error is not None:
        return 0.0, f"an error, {reply.error}", False
    column = {label: index for index, label in enumerate(labels)}
    listed = np.array([abs(score - scores[column[label]]) for label, score in reply.scores.items()])
    difference = float(np.nanmax(listed)) if not np.isnan(listed).any() else float("inf")
    if difference > TOLERANCE:
        return difference, "other probabilities", False
    if len(reply.scores) < min(len(labels), MOST_LISTED):
        return difference, "labels without a probability", False
    wrong, is_tie = (_wrong_labels if multi_label else _wrong_label)(reply, scores, predicted, labels)
    return difference, "other labels" if wrong and not is_tie else None, is_tie


def _wrong_label(reply, scores, predicted, labels):
    """Whether the label is another one, and whether that is because both are as probable."""
    true_column = int(np.argmax(predicted))
    is_wrong = reply.label != labels[true_column]
    return is_wrong, is_wrong and abs(scores[labels.index(reply.label)] - scores[true_column]) < TIE


def _wrong_labels(reply, scores, predicted, labels):
    """The same of several labels, those that are more probable than not."""
    wrong = [
        own
        for label, own, is_in in zip(labels, scores, predicted)
        if (reply.scores[label] >= MORE_THAN_HALF) != is_in
    ]
    return bool(wrong), bool(wrong) and all(abs(own - 0.5) < TIE for own in wrong)
