"""Fine-tunes MiniLM on Banking77: on all training messages, and on four fifths of them for what needs held-out ones.

    python train.py [--data FOLDER] [--work FOLDER] [--only final|held-out]

Writes weights, logits and learning curves to the work folder, for export.py. Some 30 minutes on two cores with bfloat16.
"""

import argparse
import csv
import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.model_selection import train_test_split

sys.path.append(str(Path(__file__).resolve().parents[1]))
from minilm.network import load_tokenizer
from network import Classifier, pad, predict

ROOT = Path(__file__).resolve().parents[3]
HELD_OUT = 0.2
EPOCHS = 10
BATCH = 64
RATE, HEAD_RATE = 2e-4, 1e-3
WARM_UP = 0.1
SMOOTHING = 0.1
CONSISTENCY = 2.0


def read_messages(path):
    """The texts and the intents of one CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["text"] for row in rows], np.array([row["category"] for row in rows])


def shuffled_batches(lengths, generator):
    """Batches of indices in random order, each of messages of like length, so that little is padded."""
    order = generator.permutation(len(lengths))
    batches = []
    for start in range(0, len(order), BATCH * 20):
        pool = order[start : start + BATCH * 20]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        batches += [pool[i : i + BATCH] for i in range(0, len(pool), BATCH)]
    return [batches[i] for i in generator.permutation(len(batches))]


def consistent_loss(logits, targets):
    """Cross-entropy of two passes with different dropout, and how far they differ (R-Drop, Liang et al. 2021)."""
    first, second = (F.log_softmax(half, dim=1) for half in logits.chunk(2))
    apart = F.kl_div(first, second, log_target=True, reduction="batchmean")
    apart = apart + F.kl_div(second, first, log_target=True, reduction="batchmean")
    loss = F.cross_entropy(logits, targets.repeat(2), label_smoothing=SMOOTHING)
    return loss + CONSISTENCY * apart / 2


def new_optimizer(network):
    """AdamW: no weight decay for biases and norms, and a head that learns faster."""
    head = list(network.classifier.parameters())
    bert = list(network.bert.parameters())
    groups = [
        {"params": [p for p in bert if p.ndim >= 2], "lr": RATE, "weight_decay": 0.01},
        {"params": [p for p in bert if p.ndim < 2], "lr": RATE, "weight_decay": 0.0},
        {"params": head, "lr": HEAD_RATE, "weight_decay": 0.01},
    ]
    return torch.optim.AdamW(groups, fused=True)


def fine_tune(encodings, targets, classes, seed, held_out=None):
    """The trained network, and per epoch its mean loss and its accuracy on what was held out."""
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    network = Classifier(classes)
    optimizer = new_optimizer(network)
    lengths, targets = np.array([len(e) for e in encodings]), torch.tensor(targets)
    steps = math.ceil(len(encodings) / BATCH) * EPOCHS
    warm = int(WARM_UP * steps)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.0, (steps - step) / (steps - warm)))
    )
    curve = []
    for epoch in range(EPOCHS):
        begun = time.time()
        network.train()
        losses = []
        for rows in shuffled_batches(lengths, generator):
            ids, mask = pad([encodings[row] for row in rows])
            with torch.autocast("cpu", torch.bfloat16):
                logits = network(torch.cat([ids, ids]), torch.cat([mask, mask]))
            loss = consistent_loss(logits.float(), targets[rows])
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        curve.append({"epoch": epoch + 1, "loss": round(float(np.mean(losses)), 4)})
        if held_out is not None:
            right = predict(network, held_out[0]).argmax(axis=1) == held_out[1]
            curve[-1]["heldOutAccuracy"] = round(float(right.mean()), 4)
        print(f"seed {seed}, {time.time() - begun:.0f} s: {curve[-1]}", flush=True)
    return network, curve


def train_final(encodings, targets, classes, work):
    """Trains on all messages and saves the weights."""
    network, curve = fine_tune(encodings, targets, classes, seed=0)
    torch.save(network.state_dict(), work / "final.pt")
    (work / "final.json").write_text(json.dumps(curve))


def split(targets):
    """The indices of the messages to train on and of those held out, a fifth of each intent's."""
    return train_test_split(np.arange(len(targets)), test_size=HELD_OUT, stratify=targets, random_state=0)


def train_held_out(encodings, targets, classes, work):
    """Saves the logits of the messages held out, from a network that has not seen them."""
    rows, others = split(targets)
    held_out = [encodings[i] for i in others], targets[others]
    network, curve = fine_tune([encodings[i] for i in rows], targets[rows], classes, 1, held_out)
    np.save(work / "held-out.npy", predict(network, held_out[0]))
    (work / "held-out.json").write_text(json.dumps(curve))


def main():
    """Trains what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/banking77")
    parser.add_argument("--work", type=Path, default=ROOT / ".build/banking77-minilm")
    parser.add_argument("--only", choices=("final", "held-out"))
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    texts, labels = read_messages(arguments.data / "train.csv")
    classes, targets = np.unique(labels, return_inverse=True)
    encodings = load_tokenizer()(texts)["input_ids"]
    if arguments.only != "held-out":
        train_final(encodings, targets, len(classes), arguments.work)
    if arguments.only != "final":
        train_held_out(encodings, targets, len(classes), arguments.work)


if __name__ == "__main__":
    main()
