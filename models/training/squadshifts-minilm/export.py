"""Makes the model's folder of what train.py has trained: an int8 graph, its tokenizer, its manifest.

    python export.py [--data FOLDER] [--work FOLDER] [--out FOLDER]

evaluate.py measures the graphs next; a second run of this writes its figures to the manifest.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch

sys.path.append(str(Path(__file__).resolve().parents[1]))
from answers import best_spans
from data import ROOT, SOURCES, Question, questions_of, read_split, windows_of
from examples import EXAMPLES
from files import digests, write_json
from graph import save_graph
from minilm.folder import GRAPH, save_tokenizer
from minilm.network import load_tokenizer
from minilm.quantize import new_session, quantize
from network import Reader
from train import scores_of as network_scores_of

CALIBRATION_WINDOWS = 150
HEADS = 12


def feed_of(window):
    """The graph's inputs for a window by itself."""
    ids = np.array([window.ids], np.int64)
    return {
        "input_ids": ids,
        "attention_mask": np.ones_like(ids),
        "token_type_ids": np.array([window.types], np.int64),
    }


def scores_of(graph, windows):
    """For each window, the scores of its tokens [L, 2], each window by itself."""
    session = new_session(str(graph))
    return [np.stack(session.run(None, feed_of(window)), axis=-1)[0] for window in windows]


def make_graphs(weights, windows, float_graph, int8_graph):
    """Writes both graphs; the ranges of the activations come from the windows of training questions."""
    save_graph(float_graph, weights, HEADS)
    quantize(
        lambda path, layers: save_graph(path, weights, HEADS, layers),
        lambda path: np.concatenate(scores_of(path, windows)),
        float_graph,
        [feed_of(window) for window in windows],
        int8_graph,
    )


def check(network, graph, windows):
    """Fails where the float32 graph gives other scores than the network."""
    pairs = zip(scores_of(graph, windows), network_scores_of(network, windows), strict=True)
    apart = max(np.abs(one - other).max() for one, other in pairs)
    if apart > 1e-3:
        raise SystemExit(f"the graph differs from the network by up to {apart}")


def write_examples(tokenizer, out):
    """Writes what the graph says of the examples, each by itself."""
    questions = [Question("", question, context, ()) for question, context in EXAMPLES]
    windows = windows_of(tokenizer, questions)
    spans = best_spans(questions, windows, scores_of(out / GRAPH, windows))
    examples = [
        {
            "question": question.text,
            "context": question.context,
            "answer": text,
            "start": start,
            "end": end,
            "score": round(score, 6),
        }
        for question, (start, end, text, score) in zip(questions, spans, strict=True)
    ]
    write_json(out / "examples.json", examples)


def write_manifest(metrics, out):
    """Writes model.json, with the digests of the files it needs."""
    files = ["config.json", GRAPH, "tokenizer.json", "tokenizer_config.json"]
    manifest = {
        "name": "squadshifts-minilm",
        "version": "1",
        "format": "transformer",
        "task": "question-answering",
        "attribute": "answer",
        "questions": {"stride": 128, "maxAnswerLength": 30},
        "files": digests(out, files),
        "license": "Apache-2.0",
        "data": {
            "name": "SQuADShifts",
            "source": "https://github.com/modestyachts/squadshifts-website",
            "license": "CC-BY-4.0",
        },
        "metrics": metrics,
    }
    write_json(out / "model.json", manifest)


def metrics_of(work):
    """The figures of evaluate.py for the manifest, those of XQuAD and the int8 graph's F1 of each source."""
    file = work / "evaluation.json"
    if not file.exists():
        return {}
    found = json.loads(file.read_text())
    test = found["xquad"]
    return {
        "f1": test["int8"]["f1"],
        "exactMatch": test["int8"]["exactMatch"],
        "f1Float32": test["float32"]["f1"],
        "exactMatchFloat32": test["float32"]["exactMatch"],
        "questions": test["questions"],
    } | {f"heldOutF1.{source}": found[source]["int8"]["f1"] for source in SOURCES}


def main():
    """Exports, quantises and writes the model's folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/squadshifts")
    parser.add_argument("--work", type=Path, default=ROOT / ".build/squadshifts-minilm")
    parser.add_argument("--out", type=Path, default=ROOT / "models/squadshifts-minilm/1")
    arguments = parser.parse_args()
    work, out = arguments.work, arguments.out
    (out / GRAPH).parent.mkdir(parents=True, exist_ok=True)
    tokenizer = load_tokenizer()
    sides = read_split(arguments.data)
    windows = windows_of(tokenizer, [q for source in SOURCES for q in questions_of(sides[source][0])])
    windows = windows[:: len(windows) // CALIBRATION_WINDOWS][:CALIBRATION_WINDOWS]

    network = Reader(0.0)
    network.load_state_dict(torch.load(work / "final.pt"))
    weights = {name: values.numpy() for name, values in network.state_dict().items()}
    make_graphs(weights, windows, work / "float32.onnx", out / GRAPH)
    check(network, work / "float32.onnx", windows[:20])
    save_tokenizer(tokenizer, out, architectures=["BertForQuestionAnswering"])
    write_examples(tokenizer, out)
    write_json(out / "curves.json", json.loads((work / "curve.json").read_text()))
    write_manifest(metrics_of(work), out)


if __name__ == "__main__":
    main()
