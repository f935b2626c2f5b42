"""The model's ONNX graph in float32, as Optimum exports it, and its nodes with weights."""

import logging
import tempfile
import warnings
from pathlib import Path

import onnx
from optimum.exporters.onnx import onnx_export_from_model

from labelstream_export.errors import ExportError


def export_graph(source, path):
    """Writes the graph of a source: token ids to logits. Raises ExportError where Optimum cannot export it."""
    with tempfile.TemporaryDirectory() as scratch:
        try:
            _export(source.model, scratch)
        except Exception as error:
            kind = source.model.config.model_type
            raise ExportError(f"Optimum cannot export a model of type {kind}: {error}") from error
        files = sorted(file.name for file in Path(scratch).glob("*.onnx*"))
        if files != ["model.onnx"]:
            raise ExportError(f"the model is too large for one file: Optimum wrote {', '.join(files)}")
        path.write_bytes(Path(scratch, "model.onnx").read_bytes())


def _export(model, folder):
    # The comparison finds all that the tracer's warnings are about.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("optimum").setLevel(logging.ERROR)
        onnx_export_from_model(model, folder, task="text-classification", do_validation=False)


def weight_nodes(graph):
    """The MatMul nodes with constant weights, less the last one before the logits.

    The last layer is small, and what it loses goes straight into the scores. Gemm nodes, of poolers and heads, are
    small, too; in int8, ONNX Runtime would unpack their weights in every run, and add in another order for one text
    than for several.
    """
    constants = {tensor.name for tensor in graph.initializer}
    nodes = [node for node in graph.node if node.op_type == "MatMul" and node.input[1] in constants]
    last = _last_node(graph, {node.output[0] for node in graph.node if node.op_type in ("MatMul", "Gemm")})
    return [node for node in nodes if node.output[0] != last]


def _last_node(graph, outputs):
    """The output, of these, that the logits come from: a bias may be added to it."""
    makers = {output: node for node in graph.node for output in node.output}
    name = graph.output[0].name
    while name not in outputs and name in makers:
        name = next((each for each in makers[name].input if each in makers), None)
    return name


def load_graph(path):
    """The model of a file, with the types of its tensors."""
    return onnx.shape_inference.infer_shapes(onnx.load(path))
