"""Finds the ranges of activations for an int8 graph, from what a float32 graph does with texts of the training data."""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when ONNX Runtime is loaded

import numpy as np
import onnx
import onnxruntime

from .graph import StaticLayers

CLIPPING = (100, 99.9, 99, 95, 90)


def new_session(graph):
    """A session on one thread; graph: a path or bytes."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def layer_inputs(model):
    """The tensor that each quantised layer takes, by the layer's name."""
    names = {}
    for node in model.graph.node:
        weight = node.input[1] if node.op_type == "MatMul" else ""
        if weight.endswith((".weight", ".query")):
            names[weight.rsplit(".", 1)[0]] = node.input[0]
    return names


def activation_extremes(graph, feeds):
    """For each layer, the smallest and the largest activation of every run: two arrays [N]."""
    model = onnx.load(graph)
    inputs = layer_inputs(model)
    tensors = sorted(set(inputs.values()))
    for tensor in tensors:
        model.graph.output.append(onnx.helper.make_tensor_value_info(tensor, onnx.TensorProto.FLOAT, None))
    session = new_session(model.SerializeToString())
    extremes = [[(values.min(), values.max()) for values in session.run(tensors, feed)] for feed in feeds]
    lows, highs = np.moveaxis(np.array(extremes), -1, 0)
    return {
        layer: (lows[:, tensors.index(tensor)], highs[:, tensors.index(tensor)])
        for layer, tensor in inputs.items()
    }


def clip(extremes, percentile):
    """Ranges that hold the extremes of so many percent of the runs; what lies outside is clipped."""
    return {
        layer: (np.percentile(lows, 100 - percentile), np.percentile(highs, percentile))
        for layer, (lows, highs) in extremes.items()
    }


def quantize(save, logits_of, float_graph, feeds, path):
    """Writes the int8 graph whose logits are closest to the float32 graph's.

    save: writes the graph with the layers given to it to a path
    logits_of: the logits that a graph gives for the feeds, as one array
    feeds: the inputs of each run, a text by itself
    """
    extremes = activation_extremes(float_graph, feeds)
    expected = logits_of(float_graph)
    best = None
    for percentile in CLIPPING:
        save(path, StaticLayers(clip(extremes, percentile)))
        error = np.abs(logits_of(path) - expected).mean()
        print(f"ranges of {percentile} % of the texts: logits differ by {error:.4f}", flush=True)
        if best is None or error < best[0]:
            best = error, path.read_bytes()
    path.write_bytes(best[1])
