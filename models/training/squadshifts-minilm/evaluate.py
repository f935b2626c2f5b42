"""Measures the float32 and the int8 graph by SQuAD's official rules, on XQuAD and on the paragraphs held out.

    python evaluate.py [--data FOLDER] [--test FILE] [--work FOLDER] [--model FOLDER] [--sample N]

--sample: only every N-th held-out paragraph. Writes evaluation.json to the work folder, for export.py.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from answers import best_spans, measure
from data import ROOT, SOURCES, questions_of, read_paragraphs, read_split, windows_of
from minilm.network import load_tokenizer
from minilm.quantize import new_session

GRAPH = "onnx/model_int8.onnx"


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


def measure_graphs(graphs, sets, tokenizer):
    """Exact match and F1 of each graph on each set of questions, in percent."""
    found = {}
    for name, questions in sets.items():
        windows = windows_of(tokenizer, questions)
        found[name] = {"questions": len(questions)}
        for kind, graph in graphs.items():
            spans = best_spans(questions, windows, scores_of(graph, windows))
            exact, overlap = measure(questions, [text for _, _, text, _ in spans])
            found[name][kind] = {"exactMatch": round(exact, 2), "f1": round(overlap, 2)}
        print(name, found[name], flush=True)
    return found


def main():
    """Measures both graphs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/squadshifts")
    parser.add_argument("--test", type=Path, default=ROOT.parent / "shared/data/xquad/xquad.en.json")
    parser.add_argument("--work", type=Path, default=ROOT / ".build/squadshifts-minilm")
    parser.add_argument("--model", type=Path, default=ROOT / "models/squadshifts-minilm/1")
    parser.add_argument("--sample", type=int, default=1)
    arguments = parser.parse_args()
    graphs = {"float32": arguments.work / "float32.onnx", "int8": arguments.model / GRAPH}
    held_out = read_split(arguments.data)
    sets = {"xquad": questions_of(read_paragraphs(arguments.test))}
    sets |= {source: questions_of(held_out[source][1][:: arguments.sample]) for source in SOURCES}
    found = measure_graphs(graphs, sets, load_tokenizer())
    (arguments.work / "evaluation.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main()
