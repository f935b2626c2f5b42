"""Runs shipped graphs, as ONNX Runtime runs them in the function."""

import json

import numpy as np
from scipy.special import softmax
from tokenizers import Tokenizer

from minilm.folder import GRAPH
from minilm.quantize import new_session

MAX_LENGTH = 512


def run_chain(paths, texts, batch=100):
    """Probabilities [N, classes] from graphs that are fed with each other's output, the first with texts."""
    sessions = [new_session(path) for path in paths]
    outputs = []
    for start in range(0, len(texts), batch):
        tensor = np.array(texts[start : start + batch], dtype=object)
        for session in sessions:
            (tensor,) = session.run(None, {session.get_inputs()[0].name: tensor})
        outputs.append(tensor)
    return np.concatenate(outputs)


def feeds_of(encodings):
    """A transformer's inputs for each text by itself."""
    for encoding in encodings:
        ids = np.array([encoding], np.int64)
        yield {"input_ids": ids, "attention_mask": np.ones_like(ids)}


def logits_of(graph, encodings):
    """Logits [N, classes] of a transformer, each text by itself."""
    session = new_session(str(graph))
    return np.concatenate([session.run(None, feed)[0] for feed in feeds_of(encodings)])


def transformer_probabilities(folder, texts):
    """Probabilities [N, classes] of a transformer's folder."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_LENGTH)
    return softmax(logits_of(folder / GRAPH, [text.ids for text in tokenizer.encode_batch(texts)]), axis=1)


def probabilities_of(folder, texts):
    """Probabilities [N, classes] of a model's folder."""
    manifest = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    if manifest["format"] == "transformer":
        return transformer_probabilities(folder, texts)
    return run_chain([folder / step["file"] for step in manifest["steps"]], texts)
