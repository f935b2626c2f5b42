"""Calibration around whole pipelines."""

import copy

import numpy as np
from sklearn.pipeline import FeatureUnion, Pipeline

from labelstream_export.errors import ExportError


def hoisted(calibrated):
    """A CalibratedClassifierCV of pipelines as a pipeline that ends in one: skl2onnx calibrates classifiers only.

    Each fold's pipeline has a vectorizer of its own. Their steps go side by side, and a fold's linear classifier gives
    the columns of the others no weight. Raises ExportError where the classifiers are not linear.
    """
    parts = calibrated.calibrated_classifiers_
    estimators = list({id(part.estimator): part.estimator for part in parts}.values())
    if not any(isinstance(each, Pipeline) for each in estimators):
        return calibrated
    if len(estimators) == 1:
        before = Pipeline(estimators[0].steps[:-1])
        lasts = [estimators[0].steps[-1][1]]
    else:
        before = FeatureUnion(
            [(f"fold{index}", Pipeline(each.steps[:-1])) for index, each in enumerate(estimators)]
        )
        lasts = _side_by_side([each.steps[-1][1] for each in estimators])
    last_of = {id(estimator): last for estimator, last in zip(estimators, lasts, strict=True)}
    made = copy.copy(calibrated)
    made.calibrated_classifiers_ = [_with(part, estimator=last_of[id(part.estimator)]) for part in parts]
    return Pipeline([("before", before), ("calibrated", made)])


def _side_by_side(classifiers):
    if not all(hasattr(each, "coef_") for each in classifiers):
        raise ExportError(
            "the CalibratedClassifierCV holds a pipeline per fold, and skl2onnx calibrates classifiers only; put the vectorizer "
            "before it: make_pipeline(TfidfVectorizer(), CalibratedClassifierCV(…))"
        )
    widths = [each.coef_.shape[1] for each in classifiers]
    ends = np.cumsum(widths)
    made = []
    for classifier, end, width in zip(classifiers, ends, widths, strict=True):
        coef = np.zeros((len(classifier.coef_), ends[-1]))
        coef[:, end - width : end] = classifier.coef_
        made.append(_with(classifier, coef_=coef, n_features_in_=int(ends[-1])))
    return made


def _with(value, **changed):
    made = copy.copy(value)
    made.__dict__.update(changed)
    return made
