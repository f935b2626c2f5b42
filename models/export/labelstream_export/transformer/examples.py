"""Selects the texts of golden examples, by which a deployed model is verified."""

MOST_SAMPLES, MOST_HARD = 16, 8
# CPUs differ in the last digits, in int8 by up to 0.001: a label has to be further ahead.
CLEAR = 0.01


def examples(texts, replies, samples):
    """(text, label, score) of clear answers: samples of as many different labels as possible, then hard texts.

    `samples`: how many of the texts, the first ones, are samples.
    """
    rows = [
        (text, one.label, one.scores[one.label]) if _is_clear(one) else None
        for text, one in zip(texts, replies, strict=True)
    ]
    own = [row for row in rows[:samples] if row]
    hard = [row for row in rows[samples:] if row]
    return [*_in_turn(own)[:MOST_SAMPLES], *_in_turn(hard)[:MOST_HARD]]


def _is_clear(reply):
    if reply.error is not None or not 0 <= reply.scores[reply.label] <= 1:
        return False
    best, *others = sorted(reply.scores.values(), reverse=True)
    return best - max(others, default=-1.0) > CLEAR


def _in_turn(rows):
    """Rows of every label in turn."""
    by_label = {}
    for row in rows:
        by_label.setdefault(row[1], []).append(row)
    rounds = max(map(len, by_label.values()), default=0)
    return [own[index] for index in range(rounds) for own in by_label.values() if index < len(own)]
