"""Prints what other ways to run the shipped int8 graph bring on this machine: texts a CPU second, accuracy, changed labels.

    python variants.py [--data FOLDER] [--model FOLDER] [--rounds N]

One thread, test messages in batches of 100, texts of equal length together, ONNX Runtime alone. The variants take turns, so
that other load affects all alike; the median of the rounds counts. It needs numpy, onnx, onnxruntime and tokenizers, as
../banking77/requirements.txt pins them.
"""

import argparse
import csv
import json
import os
import sys
import time
from pathlib import Path
from statistics import median

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when ONNX Runtime is loaded

import numpy as np
import onnx
import onnxruntime
from onnx import helper
from tokenizers import Tokenizer

ROOT = Path(__file__).resolve().parents[3]
BATCH = 100
TOKENS = 256
FUSED = "com.microsoft"
GRAPH = "onnx/model_int8.onnx"


def with_operator(name, **attributes):
    """Another operator in place of Gelu."""

    def change(model):
        for node in model.graph.node:
            if node.op_type == "Gelu":
                node.op_type = name
                node.attribute.extend(helper.make_attribute(*item) for item in attributes.items())

    return change


def separate_attention(model):
    """Three layers for query, key and value, and MultiHeadAttention, in place of QAttention."""
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    nodes = []

    def split(name):
        values = np.split(onnx.numpy_helper.to_array(constants[name]), 3, axis=-1)
        names = [f"{name}.{part}" for part in ("query", "key", "value")]
        for one, part in zip(names, values, strict=True):
            tensor = onnx.numpy_helper.from_array(np.ascontiguousarray(part), one)
            model.graph.initializer.append(tensor)
        return names

    for node in model.graph.node:
        if node.op_type != "QAttention":
            nodes.append(node)
            continue
        x, weight, bias, x_scale, scale, mask, x_zero, zero = node.input
        (heads,) = (attribute.i for attribute in node.attribute if attribute.name == "num_heads")
        parts = []
        for own, own_scale, own_zero in zip(split(weight), split(scale), split(zero), strict=True):
            inputs = [x, own, x_scale, own_scale, x_zero, own_zero]
            nodes.append(helper.make_node("MatMulIntegerToFloat", inputs, [f"{own}.x"], domain=FUSED))
            parts.append(f"{own}.x")
        inputs = [*parts, bias, mask]
        nodes.append(
            helper.make_node("MultiHeadAttention", inputs, list(node.output), domain=FUSED, num_heads=heads)
        )
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def without_arena(options):
    options.enable_cpu_mem_arena = False


def without_patterns(options):
    options.enable_mem_pattern = False


def entry(name, value):
    """A setting of the session, by its name."""
    return lambda options: options.add_session_config_entry(name, value)


# The change of the graph, the change of the session's options, and the tokens of a run.
VARIANTS = {
    "as shipped": (None, None, TOKENS),
    "at most 128 tokens a run": (None, None, 128),
    "at most 512 tokens a run": (None, None, 512),
    "at most 1,024 tokens a run": (None, None, 1_024),
    "FastGelu": (with_operator("FastGelu"), None, TOKENS),
    "QuickGelu": (with_operator("QuickGelu", alpha=1.702), None, TOKENS),
    "query, key and value apart": (separate_attention, None, TOKENS),
    "x64quantprecision": (None, entry("session.x64quantprecision", "1"), TOKENS),
    "KleidiAI off (arm64)": (None, entry("mlas.disable_kleidiai", "1"), TOKENS),
    "float32 as bfloat16 (arm64)": (None, entry("mlas.enable_gemm_fastmath_arm64_bfloat16", "1"), TOKENS),
    "no memory arena": (None, without_arena, TOKENS),
    "no memory patterns": (None, without_patterns, TOKENS),
}


def open_variant(graph, change, adjust):
    """A session on one thread."""
    model = onnx.load(graph)
    if change is not None:
        change(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3  # else a line for each constant that a variant does not use
    if adjust is not None:
        adjust(options)
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def runs_of(lengths, tokens):
    """Indices of each run: batches of 100 texts as they come, and of these the texts of equal length."""
    for start in range(0, len(lengths), BATCH):
        batch = np.arange(start, min(start + BATCH, len(lengths)))
        for length in np.unique(lengths[batch]):
            rows = batch[lengths[batch] == length]
            size = max(1, tokens // length)
            yield from (rows[at : at + size] for at in range(0, len(rows), size))


def classify(session, encodings, runs, classes):
    """Logits [N, classes], and the CPU seconds of the runs."""
    logits = np.zeros((len(encodings), classes), np.float32)
    begun = time.process_time()
    for rows in runs:
        ids = np.array([encodings[row] for row in rows], np.int64)
        logits[rows] = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]
    return logits, time.process_time() - begun


def main():
    """Measures all variants."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/banking77")
    parser.add_argument("--model", type=Path, default=ROOT / "models/banking77-minilm/1")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with (arguments.data / "test.csv").open(encoding="utf-8", newline="") as file:
        messages = list(csv.DictReader(file))
    texts, labels = zip(*((row["text"], row["category"]) for row in messages), strict=True)
    names = json.loads((arguments.model / "config.json").read_text())["id2label"]
    targets = np.array([list(names.values()).index(label) for label in labels])
    tokenizer = Tokenizer.from_file(str(arguments.model / "tokenizer.json"))
    tokenizer.no_padding()
    encodings = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
    lengths = np.array([len(encoding) for encoding in encodings])

    sessions, said, seconds = {}, {}, {}
    for name, (change, adjust, _) in VARIANTS.items():
        try:
            sessions[name] = open_variant(arguments.model / GRAPH, change, adjust)
        except Exception as error:  # this machine's ONNX Runtime does not have it
            print(f"{name}: {str(error).splitlines()[0]}", file=sys.stderr)
    for round_number in range(arguments.rounds + 1):
        for name, session in sessions.items():
            runs = list(runs_of(lengths, VARIANTS[name][2]))
            said[name], took = classify(session, encodings, runs, len(names))
            if round_number > 0:  # the first one warms up
                seconds.setdefault(name, []).append(took)

    shipped = said["as shipped"].argmax(axis=1)
    print("| graph | texts a CPU second | accuracy | changed labels | scores to the last bit |")
    print("|---|---|---|---|---|")
    for name, logits in said.items():
        best = logits.argmax(axis=1)
        speed, accuracy = len(texts) / median(seconds[name]), (best == targets).mean()
        same = "the same" if np.array_equal(logits, said["as shipped"]) else "others"
        print(f"| {name} | {speed:,.0f} | {accuracy:.4f} | {(best != shipped).sum()} | {same} |")


if __name__ == "__main__":
    main()
