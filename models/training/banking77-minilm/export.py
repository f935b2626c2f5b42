"""Makes the model's folder of what train.py has trained: an int8 graph, its tokenizer, its manifest.

    python export.py [--data FOLDER] [--work FOLDER] [--out FOLDER]
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from graph import save_graph
from minilm.folder import GRAPH, digests, save_tokenizer, write_json
from minilm.network import load_tokenizer
from minilm.quantize import new_session, quantize
from network import Classifier, predict
from train import ROOT, read_messages, split

CALIBRATION_TEXTS = 1000
BINS = 15
HEADS = 12
EXAMPLES = (
    "When will the new card get to my house?",
    "Is there a way to see where my card is right now",
    "i lost my card on the train please block it",
    "Why was I charged twice for one coffee?",
    "The exchange rate on my holiday purchase looks wrong",
    "Could someone walk me through picking a different PIN at an ATM?",
    "MY TOP UP FAILED AGAIN!!!",
    "Can my daughter  open an account,  she is 15",
    "Please shut down\n\nmy account for good",
    "\tdo you   support apple pay ?  ",
    "cash machine swallowed my card \U0001f621",
    "transfer to \u20ac account still pending \u2026",
    "\u05d0\u05d9\u05e4\u05d4 card",
    "PIN\u00a0\u00a0blocked",
    "r\u00e9sum\u00e9 de0 mon compte",
    "e\u0301le\u0300ve card",
    "\u6211\u7684\u5361\u5728\u54ea\u91cc",
    "a\u0000b",
    "\U0001f600",
    " ",
    "",
    "my card payment did not go through " * 80,
)


def feeds_of(encodings):
    """The graph's inputs for each text by itself."""
    for encoding in encodings:
        ids = np.array([encoding], np.int64)
        yield {"input_ids": ids, "attention_mask": np.ones_like(ids)}


def logits_of(graph, encodings):
    """Logits [N, classes], each text by itself."""
    session = new_session(str(graph))
    return np.concatenate([session.run(None, feed)[0] for feed in feeds_of(encodings)])


def fit_temperature(logits, targets):
    """The divisor of the logits that gives the held-out labels the highest likelihood (Guo et al. 2017)."""
    rows = np.arange(len(targets))

    def loss(temperature):
        return -log_softmax(logits / temperature, axis=1)[rows, targets].mean()

    return minimize_scalar(loss, bounds=(0.05, 20), method="bounded").x


def calibration(probabilities, targets):
    """Expected calibration error, and per bin of confidence: messages, mean confidence, accuracy."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == targets
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    table = [
        (i, (bins == i).sum(), confidence[bins == i].mean(), right[bins == i].mean()) for i in np.unique(bins)
    ]
    return sum(count * abs(mean - accuracy) for _, count, mean, accuracy in table) / len(targets), table


def write_examples(classes, out):
    """Writes what the graph says of the examples, each by itself."""
    encodings = load_tokenizer()(list(EXAMPLES), truncation=True, max_length=512)["input_ids"]
    probabilities = softmax(logits_of(out / GRAPH, encodings), axis=1)
    examples = [
        {"text": text, "label": str(classes[row.argmax()]), "score": round(float(row.max()), 6)}
        for text, row in zip(EXAMPLES, probabilities, strict=True)
    ]
    write_json(out / "examples.json", examples)


def write_manifest(metrics, out):
    """Writes model.json, with the digests of the files it needs."""
    files = ["config.json", GRAPH, "tokenizer.json", "tokenizer_config.json"]
    manifest = {
        "name": "banking77-minilm",
        "version": "1",
        "format": "transformer",
        "task": "text-classification",
        "attribute": "label",
        "files": digests(out, files),
        "license": "Apache-2.0",
        "data": {
            "name": "Banking77",
            "source": "https://github.com/PolyAI-LDN/task-specific-datasets",
            "license": "CC-BY-4.0",
        },
        "metrics": metrics,
    }
    write_json(out / "model.json", manifest)


def report(logits, float_logits, classes, labels):
    """Prints what the model card says, and returns the metrics of the manifest."""
    targets = np.searchsorted(classes, labels)
    probabilities = softmax(logits, axis=1)
    predicted = probabilities.argmax(axis=1)
    accuracy, float_accuracy = ((scores.argmax(axis=1) == targets).mean() for scores in (logits, float_logits))
    error, table = calibration(probabilities, targets)
    print(f"accuracy int8 {accuracy:.4f}, float32 {float_accuracy:.4f}, calibration error {error:.4f}")
    for i, count, mean, right in table:
        print(f"| {i / BINS:.2f}-{(i + 1) / BINS:.2f} | {count} | {mean:.3f} | {right:.3f} |")
    wrong = targets != predicted
    pairs, counts = np.unique(np.stack([targets, predicted])[:, wrong], axis=1, return_counts=True)
    for i in np.argsort(-counts, kind="stable")[:12]:
        print(f"| {classes[pairs[0, i]]} | {classes[pairs[1, i]]} | {counts[i]} |")
    return {
        "accuracy": round(float(accuracy), 4),
        "accuracyFloat32": round(float(float_accuracy), 4),
        "messages": len(labels),
        "expectedCalibrationError": round(float(error), 4),
    }


def main():
    """Exports, quantises, measures and writes the model's folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/banking77")
    parser.add_argument("--work", type=Path, default=ROOT / ".build/banking77-minilm")
    parser.add_argument("--out", type=Path, default=ROOT / "models/banking77-minilm/1")
    arguments = parser.parse_args()
    work, out = arguments.work, arguments.out
    (out / GRAPH).parent.mkdir(parents=True, exist_ok=True)
    tokenizer = load_tokenizer()
    texts, labels = read_messages(arguments.data / "train.csv")
    test_texts, test_labels = read_messages(arguments.data / "test.csv")
    classes, targets = np.unique(labels, return_inverse=True)
    encodings, test = tokenizer(texts)["input_ids"], tokenizer(test_texts)["input_ids"]

    temperature = fit_temperature(np.load(work / "held-out.npy"), targets[split(targets)[1]])
    print(f"temperature {temperature:.4f}")
    network = Classifier(len(classes))
    network.load_state_dict(torch.load(work / "final.pt"))
    with torch.no_grad():
        network.classifier.weight /= temperature
        network.classifier.bias /= temperature
    weights = {name: values.numpy() for name, values in network.state_dict().items()}
    float_graph = work / "float32.onnx"
    save_graph(float_graph, weights, HEADS)
    apart = np.abs(logits_of(float_graph, test[:100]) - predict(network, test[:100])).max()
    if apart > 1e-4:
        raise SystemExit(f"the graph differs from the network by up to {apart}")
    every = len(encodings) // CALIBRATION_TEXTS
    texts = encodings[::every][:CALIBRATION_TEXTS]
    quantize(
        lambda path, layers: save_graph(path, weights, HEADS, layers),
        lambda path: logits_of(path, texts),
        float_graph,
        list(feeds_of(texts)),
        out / GRAPH,
    )

    save_tokenizer(
        out,
        architectures=["BertForSequenceClassification"],
        problem_type="single_label_classification",
        id2label={str(index): label for index, label in enumerate(classes.tolist())},
        label2id={label: index for index, label in enumerate(classes.tolist())},
    )
    metrics = report(logits_of(out / GRAPH, test), logits_of(float_graph, test), classes, test_labels)
    write_examples(classes, out)
    curves = {name: json.loads((work / f"{name}.json").read_text()) for name in ("final", "held-out")}
    write_json(out / "curves.json", curves)
    write_manifest(metrics, out)


if __name__ == "__main__":
    main()
