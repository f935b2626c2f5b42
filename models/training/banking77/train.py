"""Fine-tunes MiniLM on Banking77: on all training messages, and on four fifths of them for what needs held-out ones.

    python train.py [--data FOLDER] [--work FOLDER] [--only all|part]

Writes weights, logits and learning curves to the work folder: of the networks that teach the models. Some 8 minutes for
each of six on two cores with bfloat16.
"""

import sys
from pathlib import Path

import torch
import torch.nn.functional as F

sys.path.append(str(Path(__file__).resolve().parents[1]))
from banking77.learning import learn
from banking77.messages import new_parser, read_training, split
from banking77.network import Classifier
from minilm.network import load_tokenizer

# Of the networks that learn from all messages, and of those that do not see a fifth.
ALL_SEEDS, PART_SEEDS = (0, 1, 2), (1, 2, 3)
EPOCHS = 10
RATE = 2e-4
SMOOTHING = 0.1
CONSISTENCY = 2.0


def consistent_loss(logits, targets):
    """Cross-entropy of two passes with different dropout, and how far they differ (R-Drop, Liang et al. 2021)."""
    first, second = (F.log_softmax(half, dim=1) for half in logits.chunk(2))
    apart = F.kl_div(first, second, log_target=True, reduction="batchmean")
    apart = apart + F.kl_div(second, first, log_target=True, reduction="batchmean")
    loss = F.cross_entropy(logits, targets.repeat(2), label_smoothing=SMOOTHING)
    return loss + CONSISTENCY * apart / 2


def fine_tune(encodings, targets, classes, seed, path, held_out):
    """Trains a network from a seed."""
    torch.manual_seed(seed)
    network, targets = Classifier(classes), torch.tensor(targets)

    def loss_of(rows, ids, mask):
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(torch.cat([ids, ids]), torch.cat([mask, mask]))
        return consistent_loss(logits.float(), targets[rows])

    learn(network, encodings, loss_of, RATE, EPOCHS, path, seed, held_out)


def train(encodings, targets, classes, seeds, name, work, held_out=None):
    """Trains a network from each seed, unless its weights are in the work folder."""
    for seed in seeds:
        path = work / f"minilm-{name}-{seed}.pt"
        if not path.exists():
            fine_tune(encodings, targets, classes, seed, path, held_out)


def main():
    """Trains what was asked for."""
    arguments = new_parser(__doc__, parts=True).parse_args()
    work = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    texts, classes, targets = read_training(arguments.data)
    encodings = load_tokenizer()(texts)["input_ids"]
    if arguments.only != "part":
        train(encodings, targets, len(classes), ALL_SEEDS, "all", work)
    if arguments.only != "all":
        rows, others = split(targets)
        held_out = [encodings[i] for i in others], targets[others]
        train([encodings[i] for i in rows], targets[rows], len(classes), PART_SEEDS, "part", work, held_out)


if __name__ == "__main__":
    main()
