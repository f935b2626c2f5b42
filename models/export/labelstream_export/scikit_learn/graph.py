"""The graph that takes the counts."""

import logging
import warnings

import numpy as np
import onnx
from onnx import helper, numpy_helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.pipeline import Pipeline

from labelstream_export.errors import ExportError
from labelstream_export.scikit_learn.linear import linear_scores, one_vs_rest
from labelstream_export.scikit_learn.nodes import LinearScores

# The counts of a text's n-grams, and the output that holds the scores.
COUNTS, SCORES = "counts", "scores"


def graph_of(pipeline, width, answers):
    """The graph of a pipeline of numbers: `width` counts to a score per label.

    Raises ExportError where skl2onnx cannot convert it.
    """
    steps = pipeline.steps if isinstance(pipeline, Pipeline) else [("classifier", pipeline)]
    *before, (name, last) = _flat(steps)
    linear = linear_scores(last) if answers.raw else None
    last = linear or one_vs_rest(last)
    whole = Pipeline([*before, (name, last)])
    model = _converted(whole, last, width, answers.raw and linear is None)
    _keep_scores(model, len(answers.labels))
    if (
        answers.raw
        and not isinstance(last, LinearScores)
        and len(answers.labels) == 2
        and not answers.multi_label
    ):
        _halve(model)
    _prune(model.graph)
    return model


def _flat(steps):
    """The steps of a pipeline, with those of a pipeline that is its last step."""
    *before, (name, last) = steps
    if not isinstance(last, Pipeline):
        return list(steps)
    inner = [(f"{name}_{inner_name}", step) for inner_name, step in last.steps]
    return [*before, *_flat(inner)]


def _converted(whole, last, width, raw):
    kinds = [(COUNTS, FloatTensorType([None, width]))]
    options = [{"zipmap": False, "raw_scores": True}, {"raw_scores": True}] if raw else []
    logging.getLogger("skl2onnx").setLevel(logging.ERROR)
    for each in [*options, {"zipmap": False}, None]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return to_onnx(whole, initial_types=kinds, options=each and {id(last): each})
        except NameError:
            # The converter of this classifier does not have the option.
            continue
        except Exception as error:  # noqa: BLE001 - skl2onnx raises of every kind
            reason = " ".join(str(error).split())[:300]
            raise ExportError(
                f"skl2onnx cannot convert this pipeline: {type(error).__name__}: {reason}; use parts that it supports "
                "(https://onnx.ai/sklearn-onnx/supported.html), such as a LogisticRegression"
            ) from error
    raise ExportError(f"skl2onnx has no options for {type(last).__name__}; use one such as LogisticRegression")


def _keep_scores(model, labels):
    """Leaves the output with the scores, under a name of its own, [N, labels]."""
    scores = model.graph.output[-1]
    shape = [axis.dim_value for axis in scores.type.tensor_type.shape.dim]
    source = scores.name
    if len(shape) == 3:
        # A forest of several outputs: [labels, N, no or yes].
        yes = numpy_helper.from_array(np.array(1, np.int64), "yes")
        model.graph.initializer.append(yes)
        model.graph.node.append(helper.make_node("Gather", [source, "yes"], ["of_labels"], axis=2))
        model.graph.node.append(helper.make_node("Transpose", ["of_labels"], [SCORES], perm=[1, 0]))
    else:
        model.graph.node.append(helper.make_node("Identity", [source], [SCORES]))
    del model.graph.output[:]
    model.graph.output.append(helper.make_tensor_value_info(SCORES, onnx.TensorProto.FLOAT, [None, labels]))


def _halve(model):
    """Of two classes, decision values for and against are that of the decision, halved."""
    model.graph.node[-1].output[0] = "decision"
    half = numpy_helper.from_array(np.array(0.5, np.float32), "half")
    model.graph.initializer.append(half)
    model.graph.node.append(helper.make_node("Mul", ["decision", "half"], [SCORES]))


def _prune(graph):
    """Removes nodes that the scores do not need, such as the labels' names."""
    wanted, kept = {SCORES}, []
    for node in reversed(graph.node):
        if wanted.intersection(node.output):
            kept.append(node)
            wanted.update(node.input)
            # A subgraph may use any value of the graph around it.
            if any(attribute.HasField("g") for attribute in node.attribute):
                return
    constants = [each for each in graph.initializer if each.name in wanted]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(reversed(kept))
    graph.initializer.extend(constants)
