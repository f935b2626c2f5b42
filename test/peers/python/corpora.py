"""Small texts in four languages, drawn at random from lists of words, the same ones each time."""

import json
import random
from pathlib import Path

TOPICS = json.loads(Path(__file__).with_name("topics.json").read_text("utf-8"))
LANGUAGES = tuple(TOPICS)
LABELS = ("card", "transfer", "exchange")
GAPS = (" ", " ", " ", " ", "  ", "\t", " \n ", "\u3000", ", ", "! ", "", "\u00a0")


def corpus(language, texts, seed):
    """Texts with a label each: words of its topic, common ones, repeats, and white space of many kinds."""
    words, drawn = TOPICS[language], random.Random(f"{language} {seed}")
    labels = [LABELS[index % len(LABELS)] for index in range(texts)]
    return [_text(words[label], words["common"], drawn) for label in labels], labels


def topics_of(language, texts, seed):
    """Texts with any number of labels: rows of 0 and 1."""
    words, drawn = TOPICS[language], random.Random(f"{language} {seed} topics")
    rows = [[drawn.randrange(2) for _ in LABELS] for _ in range(texts)]
    return [
        _text(
            [word for label, is_in in zip(LABELS, row) if is_in for word in words[label]] or words["common"],
            words["common"],
            drawn,
        )
        for row in rows
    ], rows


def _text(words, common, drawn):
    chosen = [drawn.choice(words if drawn.random() < 0.5 else common) for _ in range(drawn.randint(1, 14))]
    return "".join(word + drawn.choice(GAPS) for word in chosen)
