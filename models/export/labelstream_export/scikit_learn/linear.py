"""Classifiers that consist of weights only."""

import numpy as np
from sklearn.linear_model._base import LinearClassifierMixin
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.preprocessing import LabelBinarizer

from labelstream_export.errors import ExportError
from labelstream_export.scikit_learn.nodes import LinearScores


def linear_scores(classifier):
    """Decision values of a linear classifier, or of one per label; None where it is of another kind."""
    if isinstance(classifier, LinearClassifierMixin):
        coef, intercept = np.atleast_2d(classifier.coef_), np.atleast_1d(classifier.intercept_)
    elif _is_linear_for_each_label(classifier):
        coef = np.vstack([each.coef_ for each in classifier.estimators_])
        intercept = np.array([np.ravel(each.intercept_)[0] for each in classifier.estimators_])
    else:
        return None
    intercept = np.broadcast_to(intercept, (len(coef),)).astype(float)
    if len(coef) > 1:
        return LinearScores(coef, intercept)
    # Of two classes: softmax of half the value, against and for, is the sigmoid of it, and the larger is predict()'s.
    return LinearScores(np.vstack([-coef / 2, coef / 2]), np.concatenate([-intercept / 2, intercept / 2]))


def _is_linear_for_each_label(classifier):
    return isinstance(classifier, (OneVsRestClassifier, MultiOutputClassifier)) and all(
        isinstance(each, LinearClassifierMixin) and len(np.atleast_2d(each.coef_)) == 1
        for each in classifier.estimators_
    )


def one_vs_rest(classifier):
    """A MultiOutputClassifier of yes and no as the OneVsRestClassifier that it is; any other as it is."""
    if not isinstance(classifier, MultiOutputClassifier):
        return classifier
    if any(len(each.classes_) != 2 for each in classifier.estimators_):
        raise ExportError(
            "a label of the MultiOutputClassifier is not yes or no; train it on rows of 0 and 1"
        )
    made = OneVsRestClassifier(classifier.estimator)
    made.estimators_ = classifier.estimators_
    made.label_binarizer_ = LabelBinarizer().fit(np.eye(len(classifier.estimators_), dtype=int))
    if not hasattr(made, "classes_"):
        made.classes_ = made.label_binarizer_.classes_
    return made
