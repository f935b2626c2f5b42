"""Trains the teachers of banking77-mini: banking77-minilm's network from several seeds, on all training messages and on
four fifths of them.

    python teach.py [--data FOLDER] [--work FOLDER] [--only final|held-out]

Writes their weights to the work folder, for distil.py. Some 15 minutes for each of six on two cores with bfloat16.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

sys.path.append(str(Path(__file__).resolve().parents[1]))
sys.path.append(str(Path(__file__).resolve().parents[1] / "banking77-minilm"))
from minilm.network import load_tokenizer
from train import ROOT, fine_tune, read_messages, split

FINAL_SEEDS = (0, 1, 2)
HELD_OUT_SEEDS = (1, 2, 3)


def teach(encodings, targets, classes, seeds, work, name, held_out=None):
    """Trains a network from each seed, unless its weights are there already."""
    for seed in seeds:
        path = work / f"teacher-{name}-{seed}.pt"
        if path.exists():
            continue
        network, _ = fine_tune(encodings, targets, classes, seed, held_out)
        torch.save(network.state_dict(), path)


def main():
    """Trains what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/banking77")
    parser.add_argument("--work", type=Path, default=ROOT / ".build/banking77-mini")
    parser.add_argument("--only", choices=("final", "held-out"))
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    texts, labels = read_messages(arguments.data / "train.csv")
    classes, targets = np.unique(labels, return_inverse=True)
    encodings = load_tokenizer()(texts)["input_ids"]
    if arguments.only != "final":
        rows, others = split(targets)
        held_out = [encodings[i] for i in others], targets[others]
        some = [encodings[i] for i in rows], targets[rows]
        teach(*some, len(classes), HELD_OUT_SEEDS, arguments.work, "held-out", held_out)
    if arguments.only != "held-out":
        teach(encodings, targets, len(classes), FINAL_SEEDS, arguments.work, "final")


if __name__ == "__main__":
    main()
