"""Tables of embeddings in int8: half of a small model is the embeddings of its words."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper


def quantize_embeddings(graph):
    """Stores the tables that a graph looks rows up in as int8 with a scale for each row. No calibration is needed."""
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    users = [node for node in graph.node for name in node.input if name in tensors]
    nodes = []
    for node in graph.node:
        table = tensors.get(node.input[0]) if node.op_type == "Gather" else None
        if table is None or not _is_table(table, node) or _uses(users, table.name) > 1:
            nodes.append(node)
            continue
        nodes += _lookup(graph, node, table)
        graph.initializer.remove(table)
    del graph.node[:]
    graph.node.extend(nodes)


def _is_table(tensor, node):
    axis = next((each.i for each in node.attribute if each.name == "axis"), 0)
    return tensor.data_type == TensorProto.FLOAT and len(tensor.dims) == 2 and axis == 0


def _uses(users, name):
    return sum(name in node.input for node in users)


def _lookup(graph, node, table):
    """Nodes that look up the int8 row and its scale and multiply both."""
    rows = numpy_helper.to_array(table)
    scales = (np.maximum(np.abs(rows).max(axis=1, keepdims=True), 1e-12) / 127).astype(np.float32)
    parts = {"int8": np.rint(rows / scales).astype(np.int8), "scale": scales}
    names = {part: f"{table.name}.{part}" for part in parts}
    graph.initializer.extend(numpy_helper.from_array(parts[part], name) for part, name in names.items())
    found = {part: f"{node.output[0]}.{part}" for part in parts}
    ids = node.input[1]
    return [
        *(helper.make_node("Gather", [names[part], ids], [found[part]], axis=0) for part in parts),
        helper.make_node("Cast", [found["int8"]], [f"{node.output[0]}.float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{node.output[0]}.float", found["scale"]], [node.output[0]]),
    ]
