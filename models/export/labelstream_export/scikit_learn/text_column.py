"""Pipelines over a table of which one column is the text."""

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion

from labelstream_export.errors import ExportError


def text_union(transformer):
    """A ColumnTransformer over one text column as a FeatureUnion. Raises ExportError where it takes other columns."""
    _text_column(transformer)
    return FeatureUnion(
        [(name, part) for name, part, _ in _used(transformer)],
        transformer_weights=transformer.transformer_weights,
    )


def feed(transformers, texts):
    """Texts as the original pipeline takes them, given the ColumnTransformers in it: a list, or a table of one column."""
    if not transformers:
        return list(texts)
    column = _text_column(transformers[0])
    if isinstance(column, str):
        import pandas

        return pandas.DataFrame({column: list(texts)}, dtype=object)
    return np.array([[text] * transformers[0].n_features_in_ for text in texts], dtype=object)


def column_transformers(estimators):
    return [estimator for estimator in estimators if isinstance(estimator, ColumnTransformer)]


def _used(transformer):
    parts = [part for part in transformer.transformers_ if part[1] != "drop"]
    return [part for part in parts if not (part[0] == "remainder" and len(part[2]) == 0)]


def _text_column(transformer):
    columns = [column for _, _, column in _used(transformer)]
    first = columns[0]
    if any(not isinstance(column, (str, int)) or column != first for column in columns):
        raise ExportError(
            f"the ColumnTransformer takes the columns {columns}, and labelstream has one text; train on that column alone"
        )
    return first
