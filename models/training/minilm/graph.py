"""Writes MiniLM as an ONNX graph, in float32 or in int8, below the head of a task.

It is written node by node, with ONNX Runtime's fused operators (com.microsoft): an exporter's graph has ten times the
nodes and would have to be fused again whenever a function starts.
"""

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save

EPSILON = 1e-12
FUSED = "com.microsoft"


class Graph:
    """Collects nodes and tensors; every node has one output, whose name is returned."""

    def __init__(self):
        self.nodes, self.tensors = [], []

    def add(self, operator, *inputs, name=None, domain="", **attributes):
        """Adds a node with one output."""
        output = name or f"{operator}_{len(self.nodes)}"
        self.nodes.append(
            helper.make_node(operator, list(inputs), [output], name=output, domain=domain, **attributes)
        )
        return output

    def tensor(self, name, values):
        """Adds a constant."""
        self.tensors.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name


class FloatLayers:
    """Layers in float32."""

    quantized = False

    def linear(self, graph, name, x, weight, bias):
        """x · weightᵀ + bias."""
        product = graph.add("MatMul", x, graph.tensor(f"{name}.weight", weight.T))
        return graph.add("Add", product, graph.tensor(f"{name}.bias", bias))

    def attention(self, graph, name, x, mask, weight, bias, heads):
        """Self-attention; weight and bias hold those of query, key and value, one below the other."""
        parts = (
            graph.add("MatMul", x, graph.tensor(f"{name}.{part}", rows.T))
            for part, rows in zip(("query", "key", "value"), np.split(weight, 3), strict=True)
        )
        bias = graph.tensor(f"{name}.bias", bias)
        return graph.add("MultiHeadAttention", *parts, bias, mask, domain=FUSED, num_heads=heads)


class StaticLayers:
    """Layers with int8 weights, a scale for each output, and uint8 activations in ranges that are known beforehand.

    What a row gives does not depend on what else is in the batch, unlike with scales that are found while it runs.
    """

    quantized = True

    def __init__(self, ranges):
        """ranges: for each layer's name, the smallest and the largest activation that it takes."""
        self.ranges = ranges

    def linear(self, graph, name, x, weight, bias):
        """x · weightᵀ + bias."""
        values, scales, zeros = self.quantize_weight(graph, name, weight)
        x, scale, zero = self.quantize(graph, name, x)
        bias = graph.tensor(f"{name}.bias", bias)
        inputs = (x, values, scale, scales, zero, zeros, bias)
        return graph.add("MatMulIntegerToFloat", *inputs, domain=FUSED)

    def attention(self, graph, name, x, mask, weight, bias, heads):
        """Self-attention; weight and bias hold those of query, key and value, one below the other."""
        values, scales, zeros = self.quantize_weight(graph, name, weight)
        x, scale, zero = self.quantize(graph, name, x)
        bias = graph.tensor(f"{name}.bias", bias)
        inputs = (x, values, bias, scale, scales, mask, zero, zeros)
        return graph.add("QAttention", *inputs, domain=FUSED, num_heads=heads)

    def quantize(self, graph, name, x):
        """The names of uint8 activations, their scale and their zero."""
        low, high = min(self.ranges[name][0], 0.0), max(self.ranges[name][1], 0.0)
        scale = np.float32((high - low) / 255)
        zero = np.uint8(np.clip(np.rint(-low / scale), 0, 255))
        parts = graph.tensor(f"{name}.x.scale", scale), graph.tensor(f"{name}.x.zero", zero)
        return (graph.add("QuantizeLinear", x, *parts), *parts)

    def quantize_weight(self, graph, name, weight):
        """The names of int8 weights [inputs, outputs], of their scales and of their zeros, one for each output."""
        values, scales = quantize_rows(weight)
        return (
            graph.tensor(f"{name}.weight", values.T),
            graph.tensor(f"{name}.weight.scale", scales.ravel()),
            graph.tensor(f"{name}.weight.zero", np.zeros(len(scales), np.int8)),
        )


def quantize_rows(matrix):
    """int8 values and a float32 scale for each row [rows, 1]."""
    scale = np.maximum(np.abs(matrix).max(axis=1, keepdims=True), 1e-12) / 127
    return np.rint(matrix / scale).astype(np.int8), scale.astype(np.float32)


def embed(graph, weights, ids, quantized, segments=None):
    """The sum of word, position and type embeddings [batch, sequence, width]; without segments, all are of type 0."""
    words = weights["bert.embeddings.word_embeddings.weight"]
    if quantized:
        values, scales = quantize_rows(words)
        rows = graph.add("Gather", graph.tensor("words", values), ids)
        factors = graph.add("Gather", graph.tensor("words.scale", scales), ids)
        word = graph.add("Mul", graph.add("Cast", rows, to=TensorProto.FLOAT), factors)
    else:
        word = graph.add("Gather", graph.tensor("words", words), ids)
    types = weights["bert.embeddings.token_type_embeddings.weight"]
    places = weights["bert.embeddings.position_embeddings.weight"]
    if segments is None:
        # One text is of one type, so that the type's embedding is part of every position's.
        places = places + types[0]
    else:
        word = graph.add("Add", word, graph.add("Gather", graph.tensor("types", types), segments))
    positions = graph.tensor("positions", places)
    zero, one, two = (graph.tensor(f"i{i}", np.array([i], np.int64)) for i in range(3))
    length = graph.add("Slice", graph.add("Shape", ids), one, two)
    return graph.add("Add", word, graph.add("Slice", positions, zero, length, zero))


def encode(graph, weights, x, mask, layers, heads):
    """The states of the last layer [batch, sequence, width]."""

    def part(name):
        return weights[f"{name}.weight"], weights[f"{name}.bias"]

    def normalize(name, x):
        gamma, beta = part(name)
        parts = graph.tensor(f"{name}.gamma", gamma), graph.tensor(f"{name}.beta", beta)
        # Not SkipLayerNormalization: on a CPU, it takes three times as long as an addition and this.
        return graph.add("LayerNormalization", x, *parts, epsilon=EPSILON)

    def linear(name, x):
        return layers.linear(graph, name, x, *part(name))

    x = normalize("bert.embeddings.LayerNorm", x)
    for index in range(count_layers(weights)):
        prefix = f"bert.encoder.layer.{index}"
        parts = [part(f"{prefix}.attention.self.{name}") for name in ("query", "key", "value")]
        weight, bias = (np.concatenate(kind) for kind in zip(*parts, strict=True))
        attended = layers.attention(graph, f"{prefix}.attention.self", x, mask, weight, bias, heads)
        attended = linear(f"{prefix}.attention.output.dense", attended)
        x = normalize(f"{prefix}.attention.output.LayerNorm", graph.add("Add", x, attended))
        inner = graph.add("Gelu", linear(f"{prefix}.intermediate.dense", x), domain=FUSED)
        x = graph.add("Add", x, linear(f"{prefix}.output.dense", inner))
        x = normalize(f"{prefix}.output.LayerNorm", x)
    return x


def count_layers(weights):
    """How many layers the network has."""
    return 1 + max(int(name.split(".")[3]) for name in weights if name.startswith("bert.encoder.layer."))


def save_graph(path, weights, heads, inputs, outputs, head, layers=None):
    """Writes the graph of a network's weights (a state dictionary of NumPy arrays); in float32 without `layers`.

    inputs: names of int64 inputs [batch, sequence], of `input_ids`, `attention_mask` and `token_type_ids`
    outputs: the shapes of the outputs by their names
    head: adds, to (graph, weights, states, mask), what gives the outputs
    """
    graph, layers = Graph(), layers or FloatLayers()
    mask = graph.add("Cast", "attention_mask", to=TensorProto.INT32)
    segments = "token_type_ids" if "token_type_ids" in inputs else None
    x = embed(graph, weights, "input_ids", layers.quantized, segments)
    head(graph, weights, encode(graph, weights, x, mask, layers, heads), mask)
    taken = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"]) for name in inputs]
    given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "minilm", taken, given, graph.tensors),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)],
        ir_version=8,
        producer_name="labelstream",
    )
    checker.check_model(model)
    save(model, path)
