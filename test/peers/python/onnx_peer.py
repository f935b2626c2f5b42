"""Python's ONNX Runtime with Hugging Face's Rust tokenizers, as one would write it by hand, on one thread.

`naive` pads each batch to its longest text; `sorted` sorts its texts by length and cuts them by padded tokens.
"""

import time
from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd
import tokenizers

from answers import lists_of, serve
from batched import open_tokenizer, padded, planned, softmax

model = {}


def version():
    return {"version": f"Python onnxruntime {onnxruntime.__version__}, tokenizers {tokenizers.__version__}"}


def load(folder, graph, maxLength, labels, entries=None):
    """`entries`: further settings of ONNX Runtime's session."""
    tokenizer = open_tokenizer(folder, maxLength)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    for name, value in (entries or {}).items():
        options.add_session_config_entry(name, value)
    session = onnxruntime.InferenceSession(
        str(Path(folder) / graph), options, providers=["CPUExecutionProvider"]
    )
    inputs = [given.name for given in session.get_inputs()]
    model.update(tokenizer=tokenizer, session=session, inputs=inputs, labels=labels)
    return {}


def logits_of(encodings):
    """Scores [texts, labels] of texts that are padded to the longest."""
    ids, mask = padded(encodings)
    given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    return model["session"].run(["logits"], {name: given[name] for name in model["inputs"]})[0]


def classify(texts, budget):
    """The label and the score of each text; `budget`: padded tokens of a run, all texts at once where it is None."""
    encodings = model["tokenizer"].encode_batch(texts)
    batches = [range(len(texts))] if budget is None else planned([len(e.ids) for e in encodings], budget)
    answers = [None] * len(texts)
    for batch in batches:
        logits = logits_of([encodings[index] for index in batch])
        scores = softmax(logits)
        for index, row, best in zip(batch, scores, scores.argmax(axis=1)):
            answers[index] = (model["labels"][best], float(row[best]))
    return answers


def run(texts, batchSize, budget=None):
    started = time.perf_counter()
    answers = [answer for batch in lists_of(texts, batchSize) for answer in classify(batch, budget)]
    milliseconds = (time.perf_counter() - started) * 1000
    labels, scores = zip(*answers)
    return {"ms": milliseconds, "labels": labels, "scores": scores}


def file(input, output, budget, rows=1000):
    """Classifies a file of JSON lines with pandas, some rows at a time, into another."""
    started = time.perf_counter()
    with pd.read_json(input, lines=True, chunksize=rows) as chunks, open(output, "w") as answers:
        for chunk in chunks:
            labels, scores = zip(*classify(chunk["text"].tolist(), budget))
            answered = pd.DataFrame({"recordId": chunk["id"], "label": labels, "score": scores})
            answered.to_json(answers, orient="records", lines=True)
    return {"ms": (time.perf_counter() - started) * 1000}


def tokenise(texts):
    return {"ids": [encoding.ids for encoding in model["tokenizer"].encode_batch(texts)]}


serve({"version": version, "load": load, "run": run, "file": file, "tokenise": tokenise})
