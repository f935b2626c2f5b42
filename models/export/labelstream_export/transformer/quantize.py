"""int8 graphs of a float32 graph: static, with ranges of calibration texts, or dynamic."""

import logging
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)

from labelstream_export.transformer.embeddings import quantize_embeddings
from labelstream_export.transformer.graph import weight_nodes

LAYERS = ["MatMul"]


def quantize_dynamically(graph, out):
    """Writes an int8 graph that finds the scale of its activations while it runs, one for the whole batch."""
    logging.getLogger().setLevel(logging.ERROR)
    nodes = [node.name for node in weight_nodes(onnx.load(graph).graph)]
    quantize_dynamic(
        graph,
        out,
        op_types_to_quantize=LAYERS,
        per_channel=True,
        weight_type=QuantType.QInt8,
        nodes_to_quantize=nodes,
        extra_options={"MatMulConstBOnly": True},
    )
    _finish(out)


def write_static(graph, out, ranges, nodes, sample):
    """Writes a graph with int8 weights, a scale for each output, and uint8 activations.

    ranges: of activations, (lowest, highest) by name. nodes: names of those to quantise. sample: inputs of one text.
    """
    overrides = {name: [{"rmin": np.float32(low), "rmax": np.float32(high)}] for name, (low, high) in ranges.items()}
    quantize_static(
        graph,
        out,
        _OneText(sample),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=LAYERS,
        nodes_to_quantize=nodes,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        extra_options={
            "TensorQuantOverrides": overrides,
            "OpTypesToExcludeOutputQuantization": LAYERS,
            "QuantizeBias": False,
        },
    )
    _finish(out)


class _OneText(CalibrationDataReader):
    """Makes ONNX Runtime read each tensor only once: the ranges are known."""

    def __init__(self, sample):
        self.samples = iter([sample])

    def get_next(self):
        return next(self.samples, None)


def _finish(path):
    model = onnx.load(path)
    quantize_embeddings(model.graph)
    del model.graph.value_info[:]
    onnx.checker.check_model(model)
    onnx.save(model, Path(path))
