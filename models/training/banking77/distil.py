"""Trains a student: some layers of a network of train.py, taught by what teach.py lets three such networks say.

    python distil.py MODEL [--data FOLDER] [--work FOLDER] [--only all|part]

Writes weights and curve of each student to the work folder, and the logits of the messages that were held out.
"""

import sys
from pathlib import Path

import torch

sys.path.append(str(Path(__file__).resolve().parents[1]))
from banking77.answers import read_answers
from banking77.learning import learn, taught_loss
from banking77.messages import new_parser, read_training, split
from banking77.network import Classifier, keep_layers, keep_tokens
from banking77.teach import MAX_LENGTH
from banking77.train import ALL_SEEDS, PART_SEEDS
from banking77.vocabulary import cut_tokenizer
from minilm.network import load_tokenizer

RATE = 3e-4
EPOCHS = 4
# The layers of the teacher that a student begins with, and the tokens that it keeps besides the messages' own (None: all).
STUDENTS = {
    "banking77-mini": {"layers": (0, 2, 4), "tokens": 16_000},
    "banking77-minilm": {"layers": range(6), "tokens": None},
}


def tokenizer_of(student, messages):
    """The tokenizer of a student, and the ids of its tokens in that of the teachers, or None where it has them all."""
    size = STUDENTS[student]["tokens"]
    return (load_tokenizer(), None) if size is None else cut_tokenizer(messages, size)


def run(student, name, seed, messages, classes, work, held_out=None):
    """Trains one student from a teacher's weights.

    messages: all training messages, for the vocabulary
    held_out: texts and targets
    """
    texts, soft = read_answers(name, work)
    tokenizer, tokens = tokenizer_of(student, messages)
    encodings = tokenizer(texts, truncation=True, max_length=MAX_LENGTH)["input_ids"]
    if held_out is not None:
        held_out = tokenizer(held_out[0])["input_ids"], held_out[1]
    network = Classifier(classes)
    network.load_state_dict(torch.load(work / f"minilm-{name}-{seed}.pt"))
    keep_layers(network, STUDENTS[student]["layers"])
    if tokens is not None:
        keep_tokens(network, tokens)
    torch.manual_seed(0)

    def loss_of(rows, ids, mask):
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(ids, mask)
        return taught_loss(logits.float(), soft[rows])

    learn(network, encodings, loss_of, RATE, EPOCHS, work / f"{student}-{name}.pt", held_out=held_out)


def main():
    """Trains a student on all messages and on four fifths of them."""
    parser = new_parser(__doc__, parts=True)
    parser.add_argument("student", metavar="MODEL", choices=STUDENTS)
    arguments = parser.parse_args()
    student, work = arguments.student, arguments.work
    texts, classes, targets = read_training(arguments.data)
    if arguments.only != "all":
        _, others = split(targets)
        held_out = [texts[i] for i in others], targets[others]
        run(student, "part", PART_SEEDS[0], texts, len(classes), work, held_out)
    if arguments.only != "part":
        run(student, "all", ALL_SEEDS[0], texts, len(classes), work)


if __name__ == "__main__":
    main()
