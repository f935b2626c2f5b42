"""Graphs run by ONNX Runtime in Python, each text alone, as labelstream runs them."""

import os

import numpy as np

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # read when ONNX Runtime is loaded

import onnxruntime


class TextSession:
    """A graph, and the source whose tokenizer feeds it."""

    def __init__(self, graph, source):
        """graph: a path or bytes."""
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # Without it, int8 saturates on CPUs that lack VNNI.
        options.add_session_config_entry("session.x64quantprecision", "1")
        self.session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self.source = source

    def feed(self, text):
        """The inputs that the graph takes, [1, tokens] each."""
        encoding = self.source.encode(text)
        names = [each.name for each in self.session.get_inputs()]
        return {name: np.array([encoding[name]], np.int64) for name in names}

    def run(self, texts, outputs=None):
        """The outputs for each text, as lists of arrays."""
        for text in texts:
            yield self.session.run(outputs, self.feed(text))

    def scores(self, texts):
        """Scores [texts, labels]."""
        return self.source.activate(np.concatenate([row for row, *_ in self.run(texts)]))
