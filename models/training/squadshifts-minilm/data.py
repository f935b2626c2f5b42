"""SQuAD's files: how they are read, which paragraphs are held out, and how questions become windows of tokens."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ("new_wiki", "amazon_reviews", "reddit")
HELD_OUT = 0.2
MAX_LENGTH, STRIDE = 384, 128


@dataclass(frozen=True)
class Question:
    """A question, its context, and its reference answers as (start, text), start in code points."""

    id: str
    text: str
    context: str
    answers: tuple


@dataclass(frozen=True)
class Window:
    """A stretch of a question's tokens that the network takes at once.

    ids, types: token ids and segments [L]; first: the position of the context's first token, which ends before the last
    token; spans: for each token of the context, where it starts and ends in the context [N, 2]; words: the word that it
    belongs to [N]; question: its index.
    """

    ids: tuple
    types: tuple
    first: int
    spans: np.ndarray
    words: np.ndarray
    question: int


def read_paragraphs(path):
    """The paragraphs of a file in the layout of SQuAD 1.1, each a list of its questions."""
    paragraphs = [
        paragraph
        for article in json.loads(path.read_text(encoding="utf-8"))["data"]
        for paragraph in article["paragraphs"]
    ]
    return [
        [
            Question(
                qa["id"],
                qa["question"],
                paragraph["context"],
                tuple((answer["answer_start"], answer["text"]) for answer in qa["answers"]),
            )
            for qa in paragraph["qas"]
        ]
        for paragraph in paragraphs
    ]


def split(paragraphs, seed=0):
    """The paragraphs to train on and those held out, a fifth; all of one text are on one side."""
    texts = sorted({paragraph[0].context for paragraph in paragraphs if paragraph})
    order = np.random.default_rng(seed).permutation(len(texts))
    held_out = {texts[i] for i in order[: int(np.ceil(len(texts) * HELD_OUT))]}
    kept = [paragraph for paragraph in paragraphs if paragraph and paragraph[0].context not in held_out]
    others = [paragraph for paragraph in paragraphs if paragraph and paragraph[0].context in held_out]
    return kept, others


def read_split(folder):
    """For each source, its paragraphs to train on and those held out."""
    return {source: split(read_paragraphs(folder / f"{source}.json")) for source in SOURCES}


def questions_of(paragraphs):
    """All questions of paragraphs, one after the other."""
    return [question for paragraph in paragraphs for question in paragraph]


def windows_of(tokenizer, questions):
    """The windows of questions: the question whole, and as much of the context as has room, 128 tokens shared."""
    encoded = tokenizer(
        [question.text for question in questions],
        [question.context for question in questions],
        truncation="only_second",
        max_length=MAX_LENGTH,
        stride=STRIDE,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        return_token_type_ids=True,
        padding=False,
    )
    windows = []
    for row, question in enumerate(encoded["overflow_to_sample_mapping"]):
        types = encoded["token_type_ids"][row]
        first = types.index(1) if 1 in types else len(types)
        spans = np.array(encoded["offset_mapping"][row][first:-1], np.int64).reshape(-1, 2)
        words = np.array(encoded.word_ids(row)[first:-1], np.int64)
        windows.append(Window(tuple(encoded["input_ids"][row]), tuple(types), first, spans, words, question))
    return windows


def locate(window, answer):
    """The positions of an answer's first and last token, those of [CLS] where the window doesn't hold it whole."""
    start, text = answer
    inside = np.flatnonzero((window.spans[:, 1] > start) & (window.spans[:, 0] < start + len(text)))
    whole = (
        len(inside)
        and window.spans[inside[0], 0] <= start
        and window.spans[inside[-1], 1] >= start + len(text)
    )
    return (window.first + inside[0], window.first + inside[-1]) if whole else (0, 0)


def batches_of(lengths, tokens, generator=None):
    """Batches of indices of windows of like length, with at most so many tokens; in random order with a generator."""
    lengths = np.asarray(lengths)
    order = np.argsort(lengths, kind="stable") if generator is None else generator.permutation(len(lengths))
    pool = len(order) if generator is None else 2000
    batches = []
    for begin in range(0, len(order), pool):
        rows = order[begin : begin + pool]
        rows = rows[np.argsort(lengths[rows], kind="stable")]
        batch = []
        for row in rows:
            if batch and lengths[row] * (len(batch) + 1) > tokens:
                batches.append(batch)
                batch = []
            batch.append(int(row))
        batches.append(batch)
    return batches if generator is None else [batches[i] for i in generator.permutation(len(batches))]
