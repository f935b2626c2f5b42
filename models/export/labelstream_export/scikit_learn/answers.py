"""The labels of a pipeline, and its own answers to texts."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import issparse

from labelstream_export.errors import ExportError

# The least float that is more than a half: predict() takes what is more likely than not, labelstream what is at least.
MORE_THAN_HALF = float(np.nextafter(np.float32(0.5), np.float32(1)))


@dataclass(frozen=True)
class Answers:
    """`scores(X)` are the pipeline's own, a column per label; `predict(X)` is true where it gives a label."""

    labels: list
    activation: str
    multi_label: bool
    raw: bool
    pipeline: object

    def scores(self, X):
        if self.raw:
            values = np.asarray(self.pipeline.decision_function(X), float)
            if self.multi_label:
                return 1 / (1 + np.exp(-values))
            values = np.stack([-values / 2, values / 2], axis=1) if values.ndim == 1 else values
            powers = np.exp(values - values.max(axis=1, keepdims=True))
            return powers / powers.sum(axis=1, keepdims=True)
        given = self.pipeline.predict_proba(X)
        if isinstance(given, list):
            given = np.stack([each[:, 1] for each in given], axis=1)
        return np.asarray(given, float)

    def predict(self, X):
        given = self.pipeline.predict(X)
        if self.multi_label:
            return (given.toarray() if issparse(given) else np.asarray(given)).astype(bool)
        return np.array([[label == name for name in self.labels] for label in map(label_name, given)])


def answers_of(pipeline, X, names=None, raw_scores=False):
    """How a fitted pipeline answers. `X` is a text as its input, `names` are the labels of a multi-label pipeline.

    Raises ExportError where it gives nothing that labelstream could.
    """
    try:
        predicted = pipeline.predict(X)
    except Exception as error:  # noqa: BLE001 - whatever a pipeline raises, it cannot be used
        raise ExportError(
            f"the pipeline cannot classify a text by itself: {type(error).__name__}: {error}"
        ) from error
    multi_label = np.ndim(predicted) == 2 or issparse(predicted)
    has_probabilities = hasattr(pipeline, "predict_proba") and not raw_scores
    if not has_probabilities and not hasattr(pipeline, "decision_function"):
        raise ExportError(
            "the classifier has neither predict_proba nor decision_function, so that labels have no scores; use one that has"
        )
    labels = _multi_labels(predicted, names) if multi_label else _labels(pipeline, names)
    activation = "none" if has_probabilities else "sigmoid" if multi_label else "softmax"
    return Answers(labels, activation, multi_label, not has_probabilities, pipeline)


def label_name(label):
    """A class as a string: 3 as "3", True as "True"."""
    return str(label.item() if isinstance(label, np.generic) else label)


def _labels(pipeline, names):
    if not hasattr(pipeline, "classes_"):
        raise ExportError(f"the {type(pipeline).__name__} has no classes_: it is no classifier")
    if names is not None:
        raise ExportError(
            "--labels names the columns of a multi-label pipeline; this one has names (classes_)"
        )
    return _checked([label_name(label) for label in pipeline.classes_])


def _multi_labels(predicted, names):
    columns = predicted.shape[1]
    if names is None:
        raise ExportError(
            f"the pipeline gives {columns} labels per text without their names; give a file with a name a line, "
            "--labels labels.txt (MultiLabelBinarizer has them as classes_)"
        )
    if len(names) != columns:
        raise ExportError(f"--labels has {len(names)} names, and the pipeline gives {columns} labels")
    return _checked(names)


def _checked(labels):
    if len(labels) < 2:
        raise ExportError(f"the pipeline knows one label only: {labels}; train it on two or more")
    if "" in labels or len(set(labels)) < len(labels):
        raise ExportError(
            "labels should be unique and not empty; rename them and train again"
        )
    return labels
