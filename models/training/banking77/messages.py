"""Banking77's messages: where they are, how they are split, and the examples that every model has to answer."""

import argparse
import csv
from pathlib import Path

import numpy as np
from sklearn.model_selection import train_test_split

ROOT = Path(__file__).resolve().parents[3]
HELD_OUT = 0.2
EXAMPLES = (
    "When will the new card get to my house?",
    "Is there a way to see where my card is right now",
    "i lost my card on the train please block it",
    "Why was I charged twice for one coffee?",
    "The exchange rate on my holiday purchase looks wrong",
    "Could someone walk me through picking a different PIN at an ATM?",
    "MY TOP UP FAILED AGAIN!!!",
    "Can my daughter  open an account,  she is 15",
    "Please shut down\n\nmy account for good",
    "\tdo you   support apple pay ?  ",
    "cash machine swallowed my card \U0001f621",
    "transfer to \u20ac account still pending \u2026",
    "\u05d0\u05d9\u05e4\u05d4 card",
    "PIN\u00a0\u00a0blocked",
    "r\u00e9sum\u00e9 de0 mon compte",
    "e\u0301le\u0300ve card",
    "\u6211\u7684\u5361\u5728\u54ea\u91cc",
    "a\u0000b",
    "\U0001f600",
    " ",
    "",
    "my card payment did not go through " * 80,
)
# What a manifest says of them.
SOURCE = {
    "name": "Banking77",
    "source": "https://github.com/PolyAI-LDN/task-specific-datasets",
    "license": "CC-BY-4.0",
}


def new_parser(description, model=None, parts=False):
    """The parameters of a script; with a model, also where its folder is written; with parts, also `only` one of them."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/banking77")
    parser.add_argument("--work", type=Path, default=ROOT / ".build/banking77")
    if model is not None:
        parser.add_argument("--out", type=Path, default=ROOT / "models" / model / "1")
    if parts:
        parser.add_argument("--only", choices=("all", "part"))
    return parser


def read_messages(path):
    """The texts and the intents of one CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["text"] for row in rows], np.array([row["category"] for row in rows])


def read_training(data):
    """The texts of the training messages, the intents in their order, and each message's index among them."""
    texts, labels = read_messages(data / "train.csv")
    return texts, *np.unique(labels, return_inverse=True)


def read_test(data):
    """The texts and the intents of the test messages."""
    return read_messages(data / "test.csv")


def split(targets):
    """The indices of the messages to train on and of those held out, a fifth of each intent's."""
    return train_test_split(np.arange(len(targets)), test_size=HELD_OUT, stratify=targets, random_state=0)
