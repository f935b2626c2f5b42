"""Replacements for a pipeline's vectorizers and linear scores when it is exported: transformers with converters of
their own, in the operators of ONNX Runtime."""

import numpy as np
from onnx import TensorProto
from skl2onnx import update_registered_converter
from skl2onnx.common.data_types import FloatTensorType
from sklearn.base import BaseEstimator, TransformerMixin

# Floats in the widest cache line of any CPU.
LINE = 32


class Columns(TransformerMixin, BaseEstimator):
    """The columns of one vectorizer, of those of all."""

    def __init__(self, start, stop):
        self.start, self.stop = start, stop

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X[:, self.start : self.stop]


class Tfidf(TransformerMixin, BaseEstimator):
    """A fitted TfidfTransformer of dense counts: no logarithm is taken of a missing term."""

    def __init__(self, transformer):
        self.transformer = transformer

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return self.transformer.transform(X)

    @property
    def width(self):
        return self.transformer.n_features_in_


class LinearScores(TransformerMixin, BaseEstimator):
    """Decision values of a linear classifier, a column per class; of two classes half the value for and against."""

    def __init__(self, coef, intercept):
        self.coef, self.intercept = coef, intercept

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X @ self.coef.T + self.intercept


class _Nodes:
    """Adds nodes to a graph, one after the other, the last of which gives the operator's output."""

    def __init__(self, scope, operator, container):
        self.scope, self.container = scope, container
        self.tensor = operator.inputs[0].full_name
        self.output = operator.outputs[0].full_name
        self.opset = operator.target_opset

    def name(self, base):
        return self.scope.get_unique_variable_name(base)

    def constant(self, values, kind=TensorProto.FLOAT):
        array = np.asarray(values)
        name = self.name("constant")
        self.container.add_initializer(name, kind, array.shape, array.ravel().tolist())
        return name

    def add(self, op, *inputs, output=None, **attributes):
        output = output or self.name(op)
        name = self.scope.get_unique_operator_name(f"Labelstream{op}")
        self.container.add_node(op, list(inputs), output, name=name, op_version=self.opset, **attributes)
        return output


def _convert_columns(scope, operator, container):
    columns, nodes = operator.raw_operator, _Nodes(scope, operator, container)
    bounds = (nodes.constant([value], TensorProto.INT64) for value in (columns.start, columns.stop, 1))
    nodes.add("Slice", nodes.tensor, *bounds, output=nodes.output)


def _convert_tfidf(scope, operator, container):
    tfidf, nodes = operator.raw_operator.transformer, _Nodes(scope, operator, container)
    terms = nodes.tensor
    if tfidf.sublinear_tf:
        zero, one = nodes.constant([0.0]), nodes.constant([1.0])
        logarithm = nodes.add("Add", nodes.add("Log", nodes.add("Max", terms, one)), one)
        terms = nodes.add("Where", nodes.add("Greater", terms, zero), logarithm, zero)
    if tfidf.use_idf:
        terms = nodes.add("Mul", terms, nodes.constant(tfidf.idf_[np.newaxis]))
    if tfidf.norm is not None:
        axes = nodes.constant([1], TensorProto.INT64)
        measure = terms if tfidf.norm == "l1" else nodes.add("Mul", terms, terms)
        # Terms are not negative where idf is smoothed or not: it is 1 at least.
        norm = nodes.add("ReduceSum", _aligned(nodes, measure, operator.raw_operator.width), axes, keepdims=1)
        if tfidf.norm == "l2":
            norm = nodes.add("Sqrt", norm)
        # A text without a known term stays a row of zeros.
        terms = nodes.add("Div", terms, nodes.add("Max", norm, nodes.constant([1e-30])))
    nodes.add("Identity", terms, output=nodes.output)


def _aligned(nodes, rows, width):
    """Rows as long as whole cache lines: where a row begins elsewhere within one, its terms are added in another order,
    and the score of a text would depend on where in a batch it is."""
    missing = -width % LINE
    if missing == 0:
        return rows
    return nodes.add("Pad", rows, nodes.constant([0, 0, 0, missing], TensorProto.INT64))


def _convert_linear(scope, operator, container):
    linear, nodes = operator.raw_operator, _Nodes(scope, operator, container)
    product = nodes.add("MatMul", nodes.tensor, nodes.constant(linear.coef.T))
    nodes.add("Add", product, nodes.constant(linear.intercept[np.newaxis]), output=nodes.output)


def _shape(width_of):
    def calculate(operator):
        rows = operator.inputs[0].type.shape[0]
        operator.outputs[0].type = FloatTensorType([rows, width_of(operator.raw_operator)])

    return calculate


for made, width, converter in (
    (Columns, lambda columns: columns.stop - columns.start, _convert_columns),
    (Tfidf, lambda tfidf: tfidf.width, _convert_tfidf),
    (LinearScores, lambda linear: len(linear.coef), _convert_linear),
):
    update_registered_converter(made, f"Labelstream{made.__name__}", _shape(width), converter)
