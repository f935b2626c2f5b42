"""Chooses the threshold of the cascade of banking77-tfidf and banking77-minilm, and writes its folder.

    python choose.py [--data FOLDER] [--work FOLDER] [--out FOLDER]

The work folder is that of ../banking77-minilm/train.py and holds the logits of the messages that were held out.
"""

import argparse
import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
from scipy.special import softmax

TRAINING = Path(__file__).resolve().parents[1]
ROOT = TRAINING.parents[1]
STAGES = ("banking77-tfidf", "banking77-minilm")
TOLERANCE = 0.001


def load(model, script):
    """A script of another model's training, as a module."""
    folder = TRAINING / model
    sys.path.insert(0, str(folder))
    name = f"{model.replace('-', '_')}_{script}"
    spec = importlib.util.spec_from_file_location(name, folder / f"{script}.py")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for shared in ("train", "graph", "graphs", "network"):
        sys.modules.setdefault(f"{name}.{shared}", sys.modules.pop(shared, None))
    sys.path.remove(str(folder))
    return module


def combine(cheap, dear, threshold):
    """The predicted classes of the cascade, and the share of the messages that the cheap model answers."""
    answers = cheap.max(axis=1) >= threshold
    return np.where(answers, cheap.argmax(axis=1), dear.argmax(axis=1)), answers.mean()


def choose_threshold(cheap, dear, targets):
    """The lowest threshold, in hundredths, from which on the cascade is at most TOLERANCE less accurate."""
    wanted = (dear.argmax(axis=1) == targets).mean() - TOLERANCE
    chosen = 1.0
    for threshold in np.round(np.arange(0.99, 0.49, -0.01), 2):
        predicted, share = combine(cheap, dear, threshold)
        accuracy = (predicted == targets).mean()
        print(f"threshold {threshold:.2f}: accuracy {accuracy:.4f}, first stage answers {share:.3f}")
        if accuracy < wanted:
            break
        chosen = float(threshold)
    return chosen


def write_json(path, value):
    """Writes JSON in ASCII, indented."""
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def main():
    """Chooses on held-out training messages, then measures on the test messages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/banking77")
    parser.add_argument("--work", type=Path, default=ROOT / ".build/banking77-minilm")
    parser.add_argument("--out", type=Path, default=ROOT / "models/banking77-cascade/1")
    arguments = parser.parse_args()
    tfidf = load("banking77-tfidf", "train")
    minilm = load("banking77-minilm", "export")
    texts, labels = tfidf.read_messages(arguments.data / "train.csv")
    targets = np.unique(labels, return_inverse=True)[1]

    rows, others = minilm.split(targets)
    pipeline, _ = tfidf.train([texts[i] for i in rows], labels[rows])
    cheap = pipeline.predict_proba([texts[i] for i in others])
    logits = np.load(arguments.work / "held-out.npy")
    dear = softmax(logits / minilm.fit_temperature(logits, targets[others]), axis=1)
    print(f"held out: {[(p.argmax(axis=1) == targets[others]).mean().round(4) for p in (cheap, dear)]}")
    threshold = choose_threshold(cheap, dear, targets[others])

    folders = [ROOT / "models" / stage / "1" for stage in STAGES]
    stage = json.loads((folders[0] / "model.json").read_text(encoding="utf-8"))
    classes = stage["labels"]

    def probabilities(texts):
        graphs = [folders[0] / step["file"] for step in stage["steps"]]
        encodings = minilm.load_tokenizer()(texts, truncation=True, max_length=512)["input_ids"]
        logits = minilm.logits_of(folders[1] / minilm.GRAPH, encodings)
        return tfidf.run_graphs(graphs, texts), softmax(logits, axis=1)

    test_texts, test_labels = tfidf.read_messages(arguments.data / "test.csv")
    cheap, dear = probabilities(test_texts)
    targets = np.searchsorted(classes, test_labels)
    predicted, share = combine(cheap, dear, threshold)
    accuracy, alone = (predicted == targets).mean(), (dear.argmax(axis=1) == targets).mean()
    print(f"test: accuracy {accuracy:.4f}, {STAGES[1]} alone {alone:.4f}, first stage answers {share:.3f}")
    pairs = zip(*probabilities(list(minilm.EXAMPLES)), strict=True)
    scores = [cheap if cheap.max() >= threshold else dear for cheap, dear in pairs]
    examples = [
        {"text": text, "label": classes[row.argmax()], "score": round(float(row.max()), 6)}
        for text, row in zip(minilm.EXAMPLES, scores, strict=True)
    ]
    arguments.out.mkdir(parents=True, exist_ok=True)
    manifest = {
        "name": "banking77-cascade",
        "version": "1",
        "format": "cascade",
        "task": "text-classification",
        "attribute": "label",
        "stages": [{"model": f"{STAGES[0]}@1", "threshold": threshold}, {"model": f"{STAGES[1]}@1"}],
        "license": "MIT AND Apache-2.0",
        "metrics": {
            "accuracy": round(float(accuracy), 4),
            "messages": len(test_texts),
            "answeredByFirstStage": round(float(share), 4),
        },
    }
    write_json(arguments.out / "model.json", manifest)
    write_json(arguments.out / "examples.json", examples)


if __name__ == "__main__":
    main()
