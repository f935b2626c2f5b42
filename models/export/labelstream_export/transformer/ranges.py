"""The ranges of a graph's activations on calibration texts."""

import copy

import numpy as np
from onnx import TensorProto, helper

from labelstream_export.transformer.run_graph import TextSession


class Ranges:
    """The smallest and the largest value that each tensor takes in each text."""

    def __init__(self, model, tensors, source, texts):
        """tensors: names of activations in the graph of `model`."""
        self.tensors = sorted(set(tensors))
        observed = copy.deepcopy(model)
        for name in self.tensors:
            observed.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
        session = TextSession(observed.SerializeToString(), source)
        extremes = [
            [(values.min(), values.max()) for values in outputs] for outputs in session.run(texts, self.tensors)
        ]
        self.lows, self.highs = np.moveaxis(np.array(extremes, np.float32), -1, 0)

    def of(self, percent):
        """For each tensor, (lowest, highest) that hold the extremes of this percentage of the texts.

        What lies outside is clipped, so that single outliers do not cost all others their precision.
        """
        lows = np.percentile(self.lows, 100 - percent, axis=0)
        highs = np.percentile(self.highs, percent, axis=0)
        return {
            name: (min(float(low), 0.0), max(float(high), 0.0))
            for name, low, high in zip(self.tensors, lows, highs, strict=True)
        }
