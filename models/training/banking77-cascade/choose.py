"""Chooses the thresholds of the cascade of banking77-tfidf, banking77-mini and banking77-minilm, and writes its folder.

    python choose.py [--data FOLDER] [--work FOLDER] [--out FOLDER]

The work folder holds what the stages, trained without them, say of the messages that were held out.
"""

import sys
from pathlib import Path

import numpy as np
from scipy.special import softmax

sys.path.append(str(Path(__file__).resolve().parents[1]))
from banking77.calibration import examples_of, fit_temperature, report
from banking77.inference import probabilities_of
from banking77.messages import EXAMPLES, ROOT, new_parser, read_test, read_training, split
from files import write_json

# With texts a second on one thread, measured in batches of 1,000 with `npm run bench -- speed`.
STAGES = {"banking77-tfidf": 180_000, "banking77-mini": 2_900, "banking77-minilm": 1_500}
THRESHOLDS = np.round(np.arange(0.5, 1, 0.01), 2)
# What is wanted, with something to spare for machines that differ: 8,000 texts a second.
SPEED = 9_000
SPEEDS = (0, SPEED, 12_000, 15_000, 20_000)


def combine(stages, thresholds):
    """The probabilities [N, classes] of the cascade, and the stage that answers each text [N]."""
    confident = [stage.max(axis=1) >= threshold for stage, threshold in zip(stages, (*thresholds, 0), strict=True)]
    by = np.argmax(confident, axis=0)
    return np.stack(stages)[by, np.arange(len(by))], by


def speed_of(by):
    """Texts a second, where each stage is asked what the ones before it do not answer."""
    asked = [(by >= stage).mean() for stage in range(len(STAGES))]
    return 1 / sum(share / speed for share, speed in zip(asked, STAGES.values(), strict=True))


def curve(stages, targets):
    """For each pair of thresholds: speed, accuracy, share of the texts that each stage answers."""
    found = []
    for first in THRESHOLDS:
        for second in THRESHOLDS:
            probabilities, by = combine(stages, (first, second))
            accuracy = (probabilities.argmax(axis=1) == targets).mean()
            shares = np.bincount(by, minlength=len(stages)) / len(by)
            found.append((speed_of(by), accuracy, shares, (float(first), float(second))))
    return found


def best_at(found, speed):
    """The most accurate thresholds of at least a speed; of equally accurate ones, the fastest."""
    return max((row for row in found if row[0] >= speed), key=lambda row: (row[1], row[0]))


def describe(row):
    """A row of the model card."""
    speed, accuracy, shares, thresholds = row
    parts = (f"{speed:,.0f}", *(f"{threshold:.2f}" for threshold in thresholds), f"{accuracy:.4f}")
    return " | ".join((*parts, *(f"{share:.3f}" for share in shares)))


def main():
    """Chooses on held-out training messages, then measures on the test messages."""
    arguments = new_parser(__doc__, "banking77-cascade").parse_args()
    data, work, out = arguments.data, arguments.work, arguments.out
    _, classes, targets = read_training(data)
    targets = targets[split(targets)[1]]
    # Probabilities that are calibrated, then logits.
    first, *others = (np.load(work / f"{stage}-part.npy") for stage in STAGES)
    stages = [first, *(softmax(logits / fit_temperature(logits, targets), axis=1) for logits in others)]
    print(f"held out, alone: {[round(float((stage.argmax(axis=1) == targets).mean()), 4) for stage in stages]}")
    found = curve(stages, targets)
    print("| texts a second | thresholds | | accuracy | answered by each stage | | |")
    for speed in SPEEDS:
        print(f"| {describe(best_at(found, speed))} |")
    _, _, _, thresholds = best_at(found, SPEED)
    print(f"chosen: {thresholds}")

    folders = [ROOT / "models" / stage / "1" for stage in STAGES]
    test_texts, test_labels = read_test(data)
    stages = [probabilities_of(folder, test_texts) for folder in folders]
    right = [(stage.argmax(axis=1) == np.searchsorted(classes, test_labels)).mean() for stage in stages]
    print(f"test messages, alone: {np.round(right, 4)}")
    probabilities, by = combine(stages, thresholds)
    print(f"test messages: {speed_of(by):,.0f} texts a second")
    metrics = report(probabilities, classes, test_labels)
    metrics["answeredByFirstStage"], metrics["answeredBySecondStage"] = (
        round(float((by == stage).mean()), 4) for stage in (0, 1)
    )
    examples, _ = combine([probabilities_of(folder, list(EXAMPLES)) for folder in folders], thresholds)
    out.mkdir(parents=True, exist_ok=True)
    manifest = {
        "name": "banking77-cascade",
        "version": "1",
        "format": "cascade",
        "task": "text-classification",
        "attribute": "label",
        "stages": [
            {"model": f"{stage}@1", **({} if threshold is None else {"threshold": threshold})}
            for stage, threshold in zip(STAGES, (*thresholds, None), strict=True)
        ],
        "license": "MIT AND Apache-2.0",
        "metrics": metrics,
    }
    write_json(out / "model.json", manifest)
    write_json(out / "examples.json", examples_of(EXAMPLES, examples, classes))


if __name__ == "__main__":
    main()
