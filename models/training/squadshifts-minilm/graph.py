"""Writes the reader as an ONNX graph, in float32 or in int8.

The graph takes `input_ids`, `attention_mask` and `token_type_ids` (int64, [batch, sequence]) and gives `start_logits`
and `end_logits` [batch, sequence].
"""

import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from minilm import graph as minilm


def mark_answer(graph, weights, x, _mask):
    """For every token, how well an answer starts there and how well it ends there."""
    product = graph.add("MatMul", x, graph.tensor("outputs.weight", weights["outputs.weight"].T))
    scores = graph.add("Add", product, graph.tensor("outputs.bias", weights["outputs.bias"]))
    last = graph.tensor("last", np.array([2], np.int64))
    for index, name in enumerate(("start_logits", "end_logits")):
        column = graph.add("Gather", scores, graph.tensor(name[:-1], np.array([index], np.int64)), axis=2)
        graph.add("Squeeze", column, last, name=name)


def save_graph(path, weights, heads, layers=None):
    """Writes the graph of a network's weights (a state dictionary of NumPy arrays); in float32 without `layers`."""
    inputs = ("input_ids", "attention_mask", "token_type_ids")
    outputs = {name: ["batch", "sequence"] for name in ("start_logits", "end_logits")}
    minilm.save_graph(path, weights, heads, inputs, outputs, mark_answer, layers)
