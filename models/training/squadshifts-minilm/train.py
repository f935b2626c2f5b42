"""Fine-tunes MiniLM on four fifths of SQuADShifts' paragraphs; the same command goes on with what was cut off.

    python train.py [--data FOLDER] [--work FOLDER] [--rate RATE] [--dropout SHARE] [--steps N] [--decay SHARE]
        [--part SHARE]

Writes weights and the learning curve to the work folder, for export.py.
"""

import argparse
import copy
import itertools
import json
import math
import os
import sys
import time
from pathlib import Path

import numpy as np
import torch

sys.path.append(str(Path(__file__).resolve().parents[1]))
from answers import best_spans, measure
from data import ROOT, SOURCES, batches_of, locate, questions_of, read_split, windows_of
from minilm.network import load_tokenizer
from network import Reader, pad

RATE, HEAD_RATE = 1.5e-4, 1e-3
STEPS, DROPOUT, DECAY = 2800, 0.1, 1.0
BATCH_TOKENS = 3072
WARM_UP = 100
CHECKPOINT_SECONDS = 180
WATCHED, WATCH_STEPS = 10, 1000


def targets_of(window, question, length):
    """The share of the references that start, and that end, at each token [length, 2]."""
    targets = torch.zeros(length, 2)
    for answer in question.answers:
        start, end = locate(window, answer)
        targets[start, 0] += 1 / len(question.answers)
        targets[end, 1] += 1 / len(question.answers)
    return targets


def scores_of(network, windows, tokens=12288):
    """For each window, the scores of its tokens [L, 2]."""
    network.eval()
    scores = [None] * len(windows)
    with torch.inference_mode():
        for rows in batches_of([len(window.ids) for window in windows], tokens):
            values = network(*pad([windows[row] for row in rows])).numpy()
            for row, value in zip(rows, values, strict=True):
                scores[row] = value[: len(windows[row].ids)]
    return scores


def evaluate(network, questions, windows):
    """Exact match and F1 in percent."""
    answers = [text for _, _, text, _ in best_spans(questions, windows, scores_of(network, windows))]
    return measure(questions, answers)


class Training:
    """The network in float32, its copy in bfloat16 that takes the steps' passes, the optimizer and the schedule."""

    def __init__(self, settings):
        steps = settings.steps
        self.network = Reader(settings.dropout)
        self.fast = copy.deepcopy(self.network).bfloat16()
        named = [(name, p) for name, p in self.network.named_parameters() if p.requires_grad]
        self.parameters = [p for _, p in named]
        self.fast_parameters = [p for p in self.fast.parameters() if p.requires_grad]
        bert = [p for name, p in named if not name.startswith("outputs.")]
        groups = [
            {"params": [p for p in bert if p.ndim >= 2], "lr": settings.rate, "weight_decay": 0.01},
            {"params": [p for p in bert if p.ndim < 2], "lr": settings.rate, "weight_decay": 0.0},
            {"params": list(self.network.outputs.parameters()), "lr": HEAD_RATE, "weight_decay": 0.01},
        ]
        self.optimizer = torch.optim.AdamW(groups, fused=True)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer,
            lambda step: min((step + 1) / WARM_UP, 1.0, max(0.0, (steps - step) / (steps * settings.decay))),
        )
        self.step, self.losses, self.curve = 0, [], []

    def take_step(self, inputs, targets):
        """One step; returns the loss."""
        log_shares = torch.log_softmax(
            self.fast(*inputs).masked_fill(inputs[1].unsqueeze(-1) == 0, -1e4), dim=1
        )
        loss = -(targets * log_shares).sum(dim=1).mean()
        loss.backward()
        for parameter, fast in zip(self.parameters, self.fast_parameters, strict=True):
            parameter.grad = fast.grad.float()
            fast.grad = None
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        self.schedule.step()
        with torch.no_grad():
            torch._foreach_copy_(self.fast_parameters, self.parameters)
        self.step += 1
        return loss.item()

    def save(self, path):
        """Writes all that is needed to go on."""
        state = {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "random": torch.get_rng_state(),
            "progress": (self.step, self.losses, self.curve),
        }
        torch.save(state, path.with_suffix(".new"))
        os.replace(path.with_suffix(".new"), path)

    def load(self, path):
        """Goes on where the state was saved."""
        state = torch.load(path)
        self.network.load_state_dict(state["network"])
        self.fast.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["random"])
        self.step, self.losses, self.curve = state["progress"]


def fine_tune(questions, watched, settings):
    """Trains, or goes on from the work folder's checkpoint; saves the weights and the curve there."""
    tokenizer = load_tokenizer()
    windows, held_out = windows_of(tokenizer, questions), windows_of(tokenizer, watched)
    lengths = [len(window.ids) for window in windows]
    epochs = (batches_of(lengths, BATCH_TOKENS, np.random.default_rng(seed)) for seed in itertools.count())
    plan = list(itertools.islice(itertools.chain.from_iterable(epochs), settings.steps))
    torch.manual_seed(0)
    training = Training(settings)
    work = settings.work
    checkpoint = work / "checkpoint.pt"
    if checkpoint.exists():
        training.load(checkpoint)
    print(
        f"{len(windows)} windows, {sum(lengths)} tokens; from step {training.step} of {len(plan)}", flush=True
    )
    saved, tokens, begun, used = time.time(), 0, time.time(), time.process_time()
    while training.step < len(plan):
        rows = plan[training.step]
        training.fast.train()
        batch = [windows[row] for row in rows]
        inputs = pad(batch)
        targets = torch.stack([targets_of(w, questions[w.question], inputs[0].shape[1]) for w in batch])
        training.losses.append(training.take_step(inputs, targets))
        tokens += inputs[0].numel()
        if training.step % 10 == 0:
            speed, of_cpu = tokens / (time.time() - begun), tokens / (time.process_time() - used)
            loss = np.mean(training.losses[-50:])
            print(
                f"step {training.step}: loss {loss:.3f}, tokens/s {speed:.0f}, of CPU {of_cpu:.0f}",
                flush=True,
            )
        if training.step == len(plan) or training.step % WATCH_STEPS == 0:
            exact, overlap = evaluate(training.fast, watched, held_out)
            loss = float(np.mean(training.losses))
            training.curve.append(
                {
                    "step": training.step,
                    "loss": round(loss, 4),
                    "exactMatch": round(exact, 2),
                    "f1": round(overlap, 2),
                }
            )
            training.losses = []
            print(training.curve[-1], flush=True)
            training.save(checkpoint)
        if time.time() - saved > CHECKPOINT_SECONDS:
            training.save(checkpoint)
            saved = time.time()
    torch.save(training.network.state_dict(), work / "final.pt")
    (work / "curve.json").write_text(json.dumps(training.curve))


def main():
    """Trains on the training paragraphs; watches a tenth of those held out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/squadshifts")
    parser.add_argument("--work", type=Path, default=ROOT / ".build/squadshifts-minilm")
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--dropout", type=float, default=DROPOUT)
    parser.add_argument("--decay", type=float, default=DECAY, help="the share of the steps in which the rate falls")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--part", type=float, default=1.0, help="the share of the training paragraphs")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    every = math.ceil(1 / arguments.part)
    sides = read_split(arguments.data)
    questions = [q for source in SOURCES for q in questions_of(sides[source][0][::every])]
    watched = [q for source in SOURCES for q in questions_of(sides[source][1][::WATCHED])]
    fine_tune(questions, watched, arguments)


if __name__ == "__main__":
    main()
