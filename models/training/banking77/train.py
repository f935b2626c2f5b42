"""Fine-tunes MiniLM on Banking77: on all training messages, and on four fifths of them for what needs held-out ones.

    python train.py [--data FOLDER] [--work FOLDER] [--only all|part]

Writes weights, logits and learning curves to the work folder: of the networks that teach the models. Some 8 minutes for each of six on two cores with bfloat16.
"""

import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

sys.path.append(str(Path(__file__).resolve().parents[1]))
from banking77.learning import new_schedule
from banking77.messages import new_parser, read_messages, split
from banking77.network import Classifier, pad, predict
from minilm.network import load_tokenizer

# Of the networks that learn from all messages, and of those that do not see a fifth.
ALL_SEEDS, PART_SEEDS = (0, 1, 2), (1, 2, 3)
EPOCHS = 10
BATCH = 64
RATE, HEAD_RATE = 2e-4, 1e-3
WARM_UP = 0.1
SMOOTHING = 0.1
CONSISTENCY = 2.0


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


def new_optimizer(network, rate):
    """AdamW: no weight decay for biases and norms, and a head that learns faster."""
    head = list(network.classifier.parameters())
    bert = list(network.bert.parameters())
    groups = [
        {"params": [p for p in bert if p.ndim >= 2], "lr": rate, "weight_decay": 0.01},
        {"params": [p for p in bert if p.ndim < 2], "lr": rate, "weight_decay": 0.0},
        {"params": head, "lr": HEAD_RATE, "weight_decay": 0.01},
    ]
    return torch.optim.AdamW(groups, fused=True)


def fine_tune(encodings, targets, classes, seed, held_out=None):
    """The trained network, and per epoch its mean loss and its accuracy on what was held out."""
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    network = Classifier(classes)
    optimizer = new_optimizer(network, RATE)
    lengths, targets = np.array([len(e) for e in encodings]), torch.tensor(targets)
    schedule = new_schedule(optimizer, math.ceil(len(encodings) / BATCH) * EPOCHS, WARM_UP)
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


def train(encodings, targets, classes, seeds, name, work, held_out=None):
    """Trains a network from each seed, unless its weights are in the work folder, and saves it with its curve.

    held_out: encodings and targets of messages that it does not learn from, whose logits are saved, too
    """
    for seed in seeds:
        path = work / f"minilm-{name}-{seed}.pt"
        if path.exists():
            continue
        network, curve = fine_tune(encodings, targets, classes, seed, held_out)
        if held_out is not None:
            np.save(path.with_suffix(".npy"), predict(network, held_out[0]))
        path.with_suffix(".json").write_text(json.dumps(curve))
        torch.save(network.state_dict(), path)


def main():
    """Trains what was asked for."""
    parser = new_parser(__doc__)
    parser.add_argument("--only", choices=("all", "part"))
    arguments = parser.parse_args()
    work = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    texts, labels = read_messages(arguments.data / "train.csv")
    classes, targets = np.unique(labels, return_inverse=True)
    encodings = load_tokenizer()(texts)["input_ids"]
    if arguments.only != "part":
        train(encodings, targets, len(classes), ALL_SEEDS, "all", work)
    if arguments.only != "all":
        rows, others = split(targets)
        held_out = [encodings[i] for i in others], targets[others]
        train([encodings[i] for i in rows], targets[rows], len(classes), PART_SEEDS, "part", work, held_out)


if __name__ == "__main__":
    main()
