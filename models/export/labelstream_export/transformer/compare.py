"""Compares the answers of labelstream with those of transformers in PyTorch."""

from dataclasses import dataclass

from labelstream_export.errors import DifferenceError

# Scores of the same float32 network in two libraries, which add in different orders.
TOLERANCE = 1e-4
# Labels whose scores differ by less are ties.
TIE = 1e-5
MOST_NAMED = 10


@dataclass(frozen=True)
class Comparison:
    """The differences between labelstream's answers and the original's."""

    texts: int
    same: int
    """Texts with the same label."""
    largest: float
    mean: float
    """Differences of a score, over all texts and labels."""
    faults: tuple
    """Per text what is wrong, or None: an error, another label, another score."""

    @property
    def agreement(self):
        return self.same / self.texts

    def __str__(self):
        labels = "the same labels" if self.same == self.texts else f"{self.agreement:.1%} of the labels"
        return f"{labels}, scores differ by {self.largest:.1g} at most, {self.mean:.1g} on average"


def compare(replies, scores, labels):
    """Compares answers with scores [texts, labels] of the original."""
    column = {label: index for index, label in enumerate(labels)}
    pairs = list(zip(replies, scores, strict=True))
    differences = [
        [abs(score - own[column[label]]) / max(1.0, abs(own[column[label]])) for label, score in one.scores.items()]
        for one, own in pairs
    ]
    is_same = [one.error is None and own.max() - own[column[one.label]] < TIE for one, own in pairs]
    faults = tuple(
        _fault(one, same, max(own, default=0.0))
        for (one, _), same, own in zip(pairs, is_same, differences, strict=True)
    )
    every = [each for own in differences for each in own] or [0.0]
    return Comparison(len(pairs), sum(is_same), float(max(every)), float(sum(every) / len(every)), faults)


def _fault(reply, same, largest):
    if reply.error is not None:
        return f"an error, {reply.error}"
    if not same:
        return "other labels"
    return "other scores" if largest > TOLERANCE else None


def require_equal(comparison, kinds):
    """Raises DifferenceError where a float32 model differs. `kinds` describes each text: texts are not quoted."""
    wrong = [kind for kind, fault in zip(kinds, comparison.faults, strict=True) if fault is not None]
    if wrong:
        named = ", ".join(wrong[:MOST_NAMED]) + (", …" if len(wrong) > MOST_NAMED else "")
        faults = "; ".join(sorted({fault for fault in comparison.faults if fault is not None}))
        raise DifferenceError(
            f"the exported model differs from transformers in {len(wrong)} of {comparison.texts} texts, by up to "
            f"{comparison.largest:.2g} ({faults}): {named}. Nothing was written. Where the tokenizer was converted "
            "from a slow one, save a fast one first"
        )


def require_agreement(samples, least, dynamic):
    """Raises DifferenceError where an int8 model gives other labels to too many samples."""
    if samples.agreement >= least:
        return
    advice = "--calibrate texts instead of --dynamic" if dynamic else "more --calibrate texts, like those to come"
    raise DifferenceError(
        f"the int8 model gives {samples.same} of {samples.texts} samples the label of the float32 one, less than "
        f"--min-agreement {least}. Nothing was written. Give {advice}; lower it if some other labels do no harm; "
        "or keep float32 with --no-quantize"
    )
