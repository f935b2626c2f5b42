"""Texts to labels in batches, as one would write it by hand around an engine: Rust tokenizers, texts sorted by length."""

import time
from pathlib import Path

import numpy as np
import tokenizers

from answers import lists_of


def open_tokenizer(folder, max_length):
    tokenizer = tokenizers.Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length)
    return tokenizer


def planned(lengths, budget):
    """Batches of indices, sorted by length and cut by padded tokens."""
    batches = [[]]
    for index in np.argsort(lengths, kind="stable"):
        if batches[-1] and (len(batches[-1]) + 1) * lengths[index] > budget:
            batches.append([])
        batches[-1].append(index)
    return batches


def padded(encodings):
    """Token ids and mask, int64 [texts, longest]."""
    shape = (len(encodings), max(len(encoding.ids) for encoding in encodings))
    ids, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding.ids)] = encoding.ids
        mask[row, : len(encoding.ids)] = 1
    return ids, mask


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def classify(texts, batch_size, budget, tokenizer, labels, logits_of):
    """The labels and scores of texts that come in batches of a size, and what that took: wall and CPU time in ms.

    budget: padded tokens of a run
    logits_of: of encodings, [texts, labels]
    """
    answers, wall, cpu = [], time.perf_counter(), time.process_time()
    for batch in lists_of(texts, batch_size):
        encodings = tokenizer.encode_batch(batch)
        found = [None] * len(batch)
        for rows in planned([len(encoding.ids) for encoding in encodings], budget):
            scores = softmax(logits_of([encodings[row] for row in rows]))
            for row, own, best in zip(rows, scores, scores.argmax(axis=1)):
                found[row] = (labels[best], float(own[best]))
        answers += found
    milliseconds = (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000
    said, scores = zip(*answers)
    return {"ms": milliseconds[0], "cpuMs": milliseconds[1], "labels": said, "scores": scores}
