"""Averages the weights of two trainings, in the share that answers best on the paragraphs held out.

    python average.py FIRST SECOND [--data FOLDER] [--work FOLDER]

FIRST, SECOND: work folders of train.py, with their final.pt. Both began with the same base weights, so that a mean of
theirs is a network, too, and often a better one than each (Wortsman et al. 2022, arXiv:2203.05482).
"""

import argparse
import json
import sys
from pathlib import Path

import torch

sys.path.append(str(Path(__file__).resolve().parents[1]))
from data import ROOT, SOURCES, questions_of, read_split, windows_of
from minilm.network import load_tokenizer
from network import Reader
from train import evaluate

SHARES = (0.0, 0.3, 0.5, 0.7, 1.0)
WATCHED = 4


def mean_of(first, second, share):
    """The weights of both, so much of the second."""
    return {
        name: (1 - share) * values + share * second[name] if values.is_floating_point() else values
        for name, values in first.items()
    }


def main():
    """Measures each share, and keeps the weights of the best."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/squadshifts")
    parser.add_argument("--work", type=Path, default=ROOT / ".build/squadshifts-minilm")
    arguments = parser.parse_args()
    sides = read_split(arguments.data)
    questions = [q for source in SOURCES for q in questions_of(sides[source][1][::WATCHED])]
    windows = windows_of(load_tokenizer(), questions)
    first, second = (torch.load(folder / "final.pt") for folder in (arguments.first, arguments.second))
    network, found = Reader(0.0), []
    for share in SHARES:
        network.load_state_dict(mean_of(first, second, share))
        exact, overlap = evaluate(network, questions, windows)
        found.append((overlap, share))
        print(f"{share} of the second: exact match {exact:.2f}, F1 {overlap:.2f}", flush=True)
    torch.save(mean_of(first, second, max(found)[1]), arguments.work / "final.pt")
    curves = (json.loads((folder / "curve.json").read_text()) for folder in (arguments.first, arguments.second))
    (arguments.work / "curve.json").write_text(json.dumps(list(curves)))


if __name__ == "__main__":
    main()
