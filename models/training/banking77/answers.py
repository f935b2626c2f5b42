"""What the teachers say of texts: logits, which the models learn from. teach.py writes them."""

import json

import numpy as np
import torch


def write_answers(name, texts, logits, work):
    """logits: of each teacher, [teachers, texts, classes]"""
    np.save(work / f"{name}.npy", logits.astype(np.float16))
    (work / f"{name}.json").write_text(json.dumps(texts))


def read_answers(name, work):
    """The texts, messages before copies, and the mean of the teachers' probabilities [texts, classes]."""
    logits = torch.from_numpy(np.load(work / f"{name}.npy").astype(np.float32))
    return json.loads((work / f"{name}.json").read_text()), logits.softmax(dim=2).mean(dim=0)
