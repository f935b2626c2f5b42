"""The best span over a question's windows, and SQuAD's official measures of it (Rajpurkar et al. 2016)."""

import re
import string
from collections import Counter

import numpy as np

MAX_ANSWER = 30
BEST = 20


def best_of_window(window, scores):
    """The spans of a window that have the largest start + end, as (sum, start, end, widened to whole words)."""
    count = len(window.spans)
    inner = scores[window.first : window.first + count]
    sums = inner[:, None, 0] + inner[None, :, 1]
    allowed = np.triu(np.ones((count, count), bool)) & ~np.triu(np.ones((count, count), bool), MAX_ANSWER)
    sums = np.where(allowed, sums, -np.inf).ravel()
    found = []
    for place in np.argpartition(-sums, min(BEST, len(sums) - 1))[:BEST] if count else ():
        start, end = divmod(place, count)
        if np.isfinite(sums[place]):
            found.append((sums[place], start, end))
    return [
        (total, int(window.spans[start, 0]), int(window.spans[end, 1]), widen(window, start, end))
        for total, start, end in found
    ]


def widen(window, start, end):
    """Where the first word of a span starts and its last word ends in the context."""
    first = np.flatnonzero(window.words == window.words[start])[0]
    last = np.flatnonzero(window.words == window.words[end])[-1]
    return int(window.spans[first, 0]), int(window.spans[last, 1])


def best_spans(questions, windows, logits):
    """For each question, its answer as (start, end, text, score), start and end in code points.

    logits: for each window, the scores of its tokens [L, 2]. The spans of all windows compete by the sum of logits of
    start and end, since scores after a softmax are not comparable between windows; a span has 30 tokens at most. The
    score is the softmax over the sums of the best 20.
    """
    candidates = [{} for _ in questions]
    for window, scores in zip(windows, logits, strict=True):
        known = candidates[window.question]
        for total, start, end, words in best_of_window(window, scores):
            # Windows overlap: of a span that two of them have, the better one counts.
            known[start, end] = max(known.get((start, end), (-np.inf,)), (total, words))
    found = []
    for question, spans in zip(questions, candidates, strict=True):
        best = sorted(spans.values(), key=lambda span: (-span[0], span[1]))[:BEST]
        powers = np.exp([total - best[0][0] for total, _ in best])
        start, end = best[0][1]
        found.append((start, end, question.context[start:end], float(1 / powers.sum())))
    return found


def normalize(text):
    """SQuAD's comparison form: lower case, without punctuation, articles and surplus white space."""
    text = "".join(character for character in text.lower() if character not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def f1(answer, reference):
    """The harmonic mean of precision and recall of an answer's words."""
    words, expected = normalize(answer).split(), normalize(reference).split()
    common = sum((Counter(words) & Counter(expected)).values())
    return 2 * common / (len(words) + len(expected)) if common else 0.0


def measure(questions, answers):
    """Mean exact match and F1 in percent, each question's best over its references."""
    exact = [
        max(normalize(answer) == normalize(text) for _, text in question.answers)
        for question, answer in zip(questions, answers, strict=True)
    ]
    overlap = [
        max(f1(answer, text) for _, text in question.answers)
        for question, answer in zip(questions, answers, strict=True)
    ]
    return 100 * float(np.mean(exact)), 100 * float(np.mean(overlap))
