"""Lets the networks of train.py say what they say of the training messages and of altered copies.

    python teach.py [--data FOLDER] [--work FOLDER] [--only all|part]

The models learn from it: three networks that were trained on all messages (`all`), three that have not seen the fifth
that is held out (`part`). Needs their weights in the work folder, and writes their answers there.
"""

import math
import sys
from pathlib import Path

import numpy as np
import torch

sys.path.append(str(Path(__file__).resolve().parents[1]))
from banking77.answers import write_answers
from banking77.messages import new_parser, read_training, split
from banking77.network import Classifier, predict
from banking77.train import ALL_SEEDS, PART_SEEDS
from minilm.network import load_tokenizer

COPIES = 8
MAX_LENGTH = 128


def altered(texts, copies, generator):
    """Copies of messages that lack words, have words in another order, or go on as another message does."""
    found = []
    for _ in range(copies):
        for text in texts:
            words = text.split()
            kind = generator.random()
            if kind < 0.4 and len(words) > 3:
                words = [word for word in words if generator.random() > 0.15] or words
            elif kind < 0.6 and len(words) > 3:
                at = generator.integers(len(words) - 1)
                words[at], words[at + 1] = words[at + 1], words[at]
            else:
                other = texts[generator.integers(len(texts))].split()
                words = words[: math.ceil(len(words) * 0.6)] + other[len(other) // 2 :]
            found.append(" ".join(words))
    return found


def answer(texts, classes, name, seeds, work):
    """Writes what each teacher says of texts and, after them, of altered copies."""
    texts = texts + altered(texts, COPIES, np.random.default_rng(0))
    encodings = load_tokenizer()(texts, truncation=True, max_length=MAX_LENGTH)["input_ids"]
    logits = []
    for seed in seeds:
        network = Classifier(classes)
        network.load_state_dict(torch.load(work / f"minilm-{name}-{seed}.pt"))
        with torch.autocast("cpu", torch.bfloat16):
            logits.append(predict(network, encodings))
    write_answers(name, texts, np.stack(logits), work)


def main():
    """Asks the teachers."""
    arguments = new_parser(__doc__, parts=True).parse_args()
    texts, classes, targets = read_training(arguments.data)
    if arguments.only != "part":
        answer(texts, len(classes), "all", ALL_SEEDS, arguments.work)
    if arguments.only != "all":
        answer([texts[i] for i in split(targets)[0]], len(classes), "part", PART_SEEDS, arguments.work)


if __name__ == "__main__":
    main()
