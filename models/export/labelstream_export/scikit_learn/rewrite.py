"""A fitted pipeline as one of numbers: its vectorizers become columns of counts, at any place in it."""

import copy

import numpy as np
from scipy.sparse import csr_matrix, issparse
from sklearn.base import BaseEstimator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import VotingClassifier
from sklearn.feature_extraction.text import TfidfTransformer, TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

from labelstream_export.errors import ExportError
from labelstream_export.scikit_learn.calibrated import hoisted
from labelstream_export.scikit_learn.nodes import Columns, Tfidf
from labelstream_export.scikit_learn.text_column import text_union
from labelstream_export.scikit_learn.vectorizer import is_vectorizer, width_of


class Rewriting:
    """Rewrites a copy of one pipeline; `vectorizers` are in the order of their columns."""

    def __init__(self, pipeline):
        self.vectorizers, self.width = [], 0
        self.made, self.originals = {}, []
        self.result = self.value(pipeline)
        if not self.vectorizers:
            raise ExportError(
                f"the {type(pipeline).__name__} has no CountVectorizer or TfidfVectorizer; save it with the one it was trained behind"
            )

    def value(self, value):
        """The replacement of an estimator, also in a list, tuple or dictionary; other values are unchanged."""
        if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
            return type(value)(self.value(each) for each in value)
        if type(value) is dict:
            return {key: self.value(each) for key, each in value.items()}
        if not _has_parts(value):
            return value
        if id(value) not in self.made:
            self.originals.append(value)
            self.made[id(value)] = self.estimator(value)
        return self.made[id(value)]

    def estimator(self, estimator):
        if is_vectorizer(estimator):
            # Templates that were cloned before they were fitted take no part.
            return self.columns(estimator) if has_vectorizer(estimator) else estimator
        if hasattr(estimator, "best_estimator_"):
            return self.value(estimator.best_estimator_)
        if type(estimator).__name__ == "FrozenEstimator":
            return self.value(estimator.estimator)
        if isinstance(estimator, ColumnTransformer) and has_vectorizer(estimator):
            return self.value(text_union(estimator))
        if isinstance(estimator, (Pipeline, FeatureUnion)) and has_vectorizer(estimator):
            _check_text_goes_to_vectorizers(estimator)
        if isinstance(estimator, TfidfTransformer):
            return Tfidf(estimator) if hasattr(estimator, "n_features_in_") else estimator
        if isinstance(estimator, FunctionTransformer) and _only_makes_dense(estimator):
            return "passthrough"
        return self.parts(estimator)

    def columns(self, vectorizer):
        start = self.width
        self.width += width_of(vectorizer)
        self.vectorizers.append(vectorizer)
        columns = Columns(start, self.width)
        if not isinstance(vectorizer, TfidfVectorizer):
            return columns
        return Pipeline([("columns", columns), ("tfidf", self.value(vectorizer._tfidf))])

    def parts(self, estimator):
        made = copy.copy(estimator)
        made.__dict__.update({name: self.value(part) for name, part in vars(estimator).items()})
        if isinstance(made, Pipeline):
            made.steps = [step for step in made.steps if step[1] not in (None, "passthrough")]
        if isinstance(made, FeatureUnion):
            made.transformer_list = [each for each in made.transformer_list if each[1] != "drop"]
        if isinstance(made, VotingClassifier):
            made.flatten_transform = False
        # Neighbours are compared with texts that were seen, which the graph holds as numbers.
        if issparse(getattr(made, "_fit_X", None)):
            made._fit_X = made._fit_X.toarray()
        return hoisted(made) if isinstance(made, CalibratedClassifierCV) else made


def has_vectorizer(value):
    """Whether a fitted vectorizer, or one that is never fitted, is anywhere in an estimator."""
    if is_vectorizer(value):
        return hasattr(value, "vocabulary_") or not hasattr(value, "vocabulary")
    if isinstance(value, (list, tuple)):
        return any(has_vectorizer(each) for each in value)
    if isinstance(value, dict):
        return any(has_vectorizer(each) for each in value.values())
    return _has_parts(value) and any(has_vectorizer(part) for part in vars(value).values())


def _has_parts(value):
    return isinstance(value, BaseEstimator) or type(value).__name__ == "_CalibratedClassifier"


def _check_text_goes_to_vectorizers(estimator):
    """Raises ExportError where another step than a vectorizer takes texts."""
    if isinstance(estimator, Pipeline):
        given = [step for step in estimator.steps if step[1] not in (None, "passthrough")][:1]
    else:
        given = [each for each in estimator.transformer_list if each[1] != "drop"]
    for name, part in given:
        if part == "passthrough" or not has_vectorizer(part):
            raise ExportError(
                f"the step {name!r} ({type(part).__name__}) takes texts and is no vectorizer, and labelstream cannot run its code; "
                "use a vectorizer's own options (lowercase, strip_accents, token_pattern), or do it to texts before they "
                "are written to the table"
            )


def _only_makes_dense(transformer):
    """Whether a function does no more than `toarray`, which counts that are dense do not need."""
    if transformer.func is None:
        return True
    sample = csr_matrix([[0.0, 1.5, -2.0], [3.0, 0.0, 0.5]])
    try:
        given = transformer.transform(sample)
        given = given.toarray() if issparse(given) else np.asarray(given)
        return np.array_equal(given, sample.toarray())
    except Exception:  # noqa: BLE001 - a function may raise anything, and is no such one then
        return False
