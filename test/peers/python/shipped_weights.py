"""The weights of a shipped transformer in float32, from its int8 graph: what other engines are given to run."""

from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

HEADS = 12


def read_weights(folder, graph):
    """Arrays in float32 by their names, weights as [inputs, outputs]; the number of layers."""
    model = onnx.load(Path(folder) / graph)
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    weights = {}
    for name, values in stored.items():
        scale = stored.get(f"{name}.scale")
        if scale is not None and values.dtype == np.int8:
            weights[name] = values.astype(np.float32) * scale
        elif values.dtype == np.float32 and not name.endswith(".scale"):
            weights[name] = values
    layers = sum(name.endswith(".intermediate.dense.weight") for name in weights)
    return weights, layers
