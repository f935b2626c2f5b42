"""Writes the classifier as an ONNX graph, in float32 or in int8.

The graph takes `input_ids` and `attention_mask` (int64, [batch, sequence]) and gives `logits` [batch, classes].
"""

import numpy as np
from onnx import TensorProto

from minilm import graph as minilm


def classify(graph, weights, x, mask):
    """Logits of the mean state of the tokens that are no padding."""
    row = graph.add("Cast", graph.add("Unsqueeze", mask, "i1"), to=TensorProto.FLOAT)
    total = graph.add("ReduceSum", row, graph.tensor("last", np.array([-1], np.int64)), keepdims=1)
    mean = graph.add("Squeeze", graph.add("MatMul", graph.add("Div", row, total), x), "i1")
    head = (graph.tensor(f"classifier.{kind}", weights[f"classifier.{kind}"]) for kind in ("weight", "bias"))
    return graph.add("Gemm", mean, *head, name="logits", transB=1)


def save_graph(path, weights, heads, layers=None):
    """Writes the graph of a network's weights (a state dictionary of NumPy arrays); in float32 without `layers`."""
    inputs = ("input_ids", "attention_mask")
    outputs = {"logits": ["batch", len(weights["classifier.bias"])]}
    minilm.save_graph(path, weights, heads, inputs, outputs, classify, layers)
