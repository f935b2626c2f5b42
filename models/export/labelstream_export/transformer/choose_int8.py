"""Finds the options of static int8 that come closest to float32."""

import logging
import re
from dataclasses import dataclass

import numpy as np

from labelstream_export.errors import ExportError
from labelstream_export.transformer.graph import load_graph, weight_nodes
from labelstream_export.transformer.quantize import write_static
from labelstream_export.transformer.ranges import Ranges
from labelstream_export.transformer.run_graph import TextSession

# Percent of the texts whose extremes the ranges hold.
CLIPPING = (100, 99, 95)
# Samples by which the options are chosen.
CHOSEN_BY = 200


def quantize_statically(source, graph, calibration, samples, out, min_agreement):
    """Writes the int8 graph that comes closest to the float32 one on samples. Yields lines on each attempt.

    Weights are int8 with a scale for each output, activations uint8 in ranges that are known beforehand, from the
    calibration texts: what a text gives does not depend on what else is in the batch. Where too many labels differ,
    layers of some kinds stay float32: of those that lose most, as few as it takes, half of them at most.
    """
    attempts = _Attempts(source, graph, calibration, samples, out, min_agreement)
    for percent in CLIPPING:
        yield attempts.add(percent, frozenset())
    percent, kinds = attempts.best.percent, attempts.kinds
    if not attempts.best.is_enough and len(kinds) > 1:
        alone = {}
        for kind in kinds:
            yield attempts.add(percent, frozenset([kind]))
            alone[kind] = attempts.last.error
        ranked = sorted(kinds, key=alone.get)
        for count in range(2, len(kinds) // 2 + 1):
            if not attempts.best.is_enough:
                yield attempts.add(percent, frozenset(ranked[:count]))
    out.write_bytes(attempts.best.content)


@dataclass(frozen=True)
class _Attempt:
    percent: float
    error: float
    """The mean difference of scores."""
    agreement: float
    is_enough: bool
    content: bytes


class _Attempts:
    """int8 graphs of one float32 graph, and the best of them."""

    def __init__(self, source, graph, calibration, samples, out, min_agreement):
        logging.getLogger().setLevel(logging.ERROR)  # ONNX Runtime's advice on graphs is not for users
        model = load_graph(graph)
        nodes = weight_nodes(model.graph)
        if not nodes:
            raise ExportError(
                "the graph has no MatMul with weights, so that int8 saves nothing; leave out --calibrate"
            )
        self.nodes = [node.name for node in nodes]
        self.kinds = tuple(dict.fromkeys(map(_kind, self.nodes)))
        self.ranges = Ranges(model, [node.input[0] for node in nodes], source, calibration)
        self.source, self.graph, self.out, self.min_agreement = source, graph, out, min_agreement
        self.judges = samples[:: -(-len(samples) // CHOSEN_BY)]
        original = TextSession(str(graph), source)
        self.expected, self.sample = original.scores(self.judges), original.feed(calibration[0])
        self.best = self.last = None

    def add(self, percent, kept):
        """Quantises all but the kinds of layers that are kept. Returns a line about the result."""
        chosen = [node for node in self.nodes if _kind(node) not in kept]
        write_static(self.graph, self.out, self.ranges.of(percent), chosen, self.sample)
        agreement, error = _apart(self.expected, TextSession(str(self.out), self.source).scores(self.judges))
        self.last = _Attempt(percent, error, agreement, agreement >= self.min_agreement, self.out.read_bytes())
        if self.best is None or self._rank(self.last) > self._rank(self.best):
            self.best = self.last
        what = f"{', '.join(sorted(kept))} in float32" if kept else f"ranges of {percent} % of the texts"
        return f"  {what}: {agreement:.1%} of the labels, scores differ by {error:.2g} on average"

    def _rank(self, attempt):
        return attempt.is_enough, -attempt.error


def _kind(node):
    """A layer's name without the number of its block."""
    return re.sub(r"\d+", "N", node)


def _apart(expected, found):
    """The part of the texts with the same label, and the mean difference of scores."""
    return float((expected.argmax(1) == found.argmax(1)).mean()), float(np.abs(found - expected).mean())
