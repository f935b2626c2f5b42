"""OpenVINO with NNCF's static int8, on one thread: the same network, its weights in float32 and quantised anew by NNCF with
training messages."""

import os
import sys

os.environ["TOKENIZERS_PARALLELISM"] = "false"
sys.modules["openvino_telemetry"] = None  # nothing is reported to anyone

import nncf
import numpy as np
import openvino
from onnx import TensorProto, helper, numpy_helper

from answers import serve
from batched import classify, open_tokenizer, padded
from shipped_weights import HEADS, read_weights

model = {}


def version():
    return {"version": f"openvino {openvino.__version__}, nncf {nncf.__version__}"}


class Graph:
    """Nodes of standard operators; every one has one output, whose name is returned."""

    def __init__(self):
        self.nodes, self.tensors = [], []

    def add(self, operator, *inputs, **attributes):
        output = f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], name=output, **attributes))
        return output

    def tensor(self, values):
        name = f"tensor_{len(self.tensors)}"
        self.tensors.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def linear(self, x, weight, bias):
        return self.add("Add", self.add("MatMul", x, self.tensor(weight)), self.tensor(bias))


def float_graph(weights, layers):
    """The network as an ONNX model in float32, of standard operators."""
    graph = Graph()
    width = weights["positions"].shape[1]

    def part(name):
        return weights[f"{name}.weight"], weights[f"{name}.bias"]

    def normalize(name, x):
        gamma, beta = (graph.tensor(weights[f"{name}.{kind}"]) for kind in ("gamma", "beta"))
        return graph.add("LayerNormalization", x, gamma, beta, axis=-1, epsilon=1e-12)

    def heads_of(x, transposed):
        split = graph.add("Reshape", x, graph.tensor(np.array([0, 0, HEADS, width // HEADS], np.int64)))
        return graph.add("Transpose", split, perm=[0, 2, 3, 1] if transposed else [0, 2, 1, 3])

    zero, one, two = (graph.tensor(np.array([i], np.int64)) for i in range(3))
    length = graph.add("Slice", graph.add("Shape", "input_ids"), one, two)
    places = graph.add("Slice", graph.tensor(weights["positions"]), zero, length, zero)
    words = graph.add("Gather", graph.tensor(weights["words"]), "input_ids")
    x = normalize("bert.embeddings.LayerNorm", graph.add("Add", words, places))
    mask = graph.add("Cast", "attention_mask", to=TensorProto.FLOAT)
    unseen = graph.add("Sub", graph.tensor(np.float32(1)), mask)
    far = graph.add("Mul", unseen, graph.tensor(np.float32(-1e4)))
    far = graph.add("Unsqueeze", far, graph.tensor(np.array([1, 2], np.int64)))
    for index in range(layers):
        prefix = f"bert.encoder.layer.{index}"
        weight, bias = part(f"{prefix}.attention.self")
        parts = zip(np.split(weight, 3, axis=1), np.split(bias, 3), strict=True)
        query, key, value = (graph.linear(x, *one) for one in parts)
        scores = graph.add("MatMul", heads_of(query, False), heads_of(key, True))
        scores = graph.add("Div", scores, graph.tensor(np.float32(np.sqrt(width // HEADS))))
        shares = graph.add("Softmax", graph.add("Add", scores, far), axis=-1)
        mixed = graph.add("MatMul", shares, heads_of(value, False))
        mixed = graph.add("Transpose", mixed, perm=[0, 2, 1, 3])
        mixed = graph.add("Reshape", mixed, graph.tensor(np.array([0, 0, width], np.int64)))
        attended = graph.linear(mixed, *part(f"{prefix}.attention.output.dense"))
        x = normalize(f"{prefix}.attention.output.LayerNorm", graph.add("Add", x, attended))
        inner = graph.add("Gelu", graph.linear(x, *part(f"{prefix}.intermediate.dense")))
        x = graph.add("Add", x, graph.linear(inner, *part(f"{prefix}.output.dense")))
        x = normalize(f"{prefix}.output.LayerNorm", x)
    row = graph.add("Unsqueeze", mask, one)
    total = graph.add("ReduceSum", row, graph.tensor(np.array([2], np.int64)), keepdims=1)
    mean = graph.add("Squeeze", graph.add("MatMul", graph.add("Div", row, total), x), one)
    head = weights["classifier.weight"].T, weights["classifier.bias"]
    graph.add("Identity", graph.linear(mean, *head))
    output = graph.nodes[-1].output[0]
    shape = ["batch", "sequence"]
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, shape) for n in ("input_ids", "attention_mask")]
    outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", len(head[1])])]
    return helper.make_model(
        helper.make_graph(graph.nodes, "minilm", inputs, outputs, graph.tensors),
        opset_imports=[helper.make_opsetid("", 20)],
    )


def load(folder, graph, maxLength, labels, calibration):
    """`calibration`: training messages that the ranges of the activations come from."""
    tokenizer = open_tokenizer(folder, maxLength)
    core = openvino.Core()
    float32 = core.read_model(float_graph(*read_weights(folder, graph)).SerializeToString())
    feeds = []
    for encoding in tokenizer.encode_batch(calibration):
        ids, mask = padded([encoding])
        feeds.append({"input_ids": ids, "attention_mask": mask})
    quantized = nncf.quantize(
        float32, nncf.Dataset(feeds), model_type=nncf.ModelType.TRANSFORMER, subset_size=len(feeds)
    )
    settings = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False}
    request = core.compile_model(quantized, "CPU", settings).create_infer_request()
    model.update(tokenizer=tokenizer, request=request, labels=labels)
    return {}


def logits_of(encodings):
    ids, mask = padded(encodings)
    (logits,) = model["request"].infer({"input_ids": ids, "attention_mask": mask}).values()
    return logits


def run(texts, batchSize, budget):
    return classify(texts, batchSize, budget, model["tokenizer"], model["labels"], logits_of)


serve({"version": version, "load": load, "run": run})
