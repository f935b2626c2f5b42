"""How networks learn."""

import json
import math
import time

import numpy as np
import torch
import torch.nn.functional as F

from banking77.network import pad, predict

BATCH = 64
HEAD_RATE = 1e-3
WARM_UP = 0.1


def new_schedule(optimizer, steps, warm_up):
    """A rate that rises for a share of the steps, then falls to zero."""
    warm = warm_up * steps
    return torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.0, (steps - step) / (steps - warm)))
    )


def taught_loss(logits, soft):
    """How far logits are from what the teachers say, probabilities [texts, classes] (Hinton et al. 2015)."""
    return F.kl_div(F.log_softmax(logits, dim=1), soft, reduction="batchmean")


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


def shuffled_batches(lengths, generator):
    """Batches of indices in random order, each of messages of like length, so that little is padded."""
    order = generator.permutation(len(lengths))
    batches = []
    for start in range(0, len(order), BATCH * 20):
        pool = order[start : start + BATCH * 20]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        batches += [pool[i : i + BATCH] for i in range(0, len(pool), BATCH)]
    return [batches[i] for i in generator.permutation(len(batches))]


def learn(network, encodings, loss_of, rate, epochs, path, seed=0, held_out=None):
    """Trains a transformer with bfloat16 and saves its weights to a path, with its curve beside them.

    loss_of: the loss of the messages of some rows, from (rows, ids, mask) of a batch
    held_out: encodings and targets of messages that it does not learn from, whose logits are saved, too
    """
    generator = np.random.default_rng(seed)
    optimizer = new_optimizer(network, rate)
    lengths = np.array([len(encoding) for encoding in encodings])
    schedule = new_schedule(optimizer, math.ceil(len(encodings) / BATCH) * epochs, WARM_UP)
    curve = []
    for epoch in range(epochs):
        begun = time.time()
        network.train()
        losses = []
        for rows in shuffled_batches(lengths, generator):
            loss = loss_of(rows, *pad([encodings[row] for row in rows]))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        curve.append({"epoch": epoch + 1, "loss": round(float(np.mean(losses)), 4)})
        if held_out is not None:
            logits = predict(network, held_out[0])
            curve[-1]["heldOutAccuracy"] = round(float((logits.argmax(axis=1) == held_out[1]).mean()), 4)
        print(f"{path.stem}, {time.time() - begun:.0f} s: {curve[-1]}", flush=True)
    if held_out is not None:
        np.save(path.with_suffix(".npy"), logits)
    path.with_suffix(".json").write_text(json.dumps(curve))
    torch.save(network.state_dict(), path)
