"""Trains the model banking77-tfidf, checks its graphs against scikit-learn and writes the model's folder.

    python train.py [--data FOLDER] [--out FOLDER]

The data are train.csv and test.csv of Banking77 (columns text, category).
"""

import argparse
import csv
import hashlib
import json
import os
import warnings
from pathlib import Path

os.environ.setdefault("OPENBLAS_CORETYPE", "Haswell")  # not whichever kernels this processor would get
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when ONNX Runtime is loaded

import numpy as np
import onnxruntime
from scipy.optimize import minimize_scalar
from scipy.sparse import diags_array
from scipy.special import log_softmax, softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

import graphs

ROOT = Path(__file__).resolve().parents[3]
SEEDS = (0, 1, 2)
FOLDS = 3
BINS = 15
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
    "a\u0000b",
    "\U0001f600",
    " ",
    "",
)


def read_messages(path):
    """The texts and the intents of one CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["text"] for row in rows], np.array([row["category"] for row in rows])


def scale_rows(matrix):
    """Divides each row by the square root of its sum, so that long texts don't outweigh short ones.

    It works as well as the Euclidean norm and is a sum over occurrences, which the graphs rely on.
    """
    sums = np.asarray(matrix.sum(axis=1)).ravel()
    return (diags_array(1 / np.sqrt(np.maximum(sums, 1e-9))) @ matrix).tocsr()


def new_features():
    """Character 1-4-grams of at least three training messages, weighted by TF-IDF."""
    tfidf = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), min_df=3, norm=None)
    return make_pipeline(tfidf, FunctionTransformer(scale_rows))


def fit_networks(matrix, labels):
    """Coefficients [features, classes] and intercepts [classes]: a mean of two-layer linear networks.

    Such a network, trained for a few epochs, generalises better than one layer trained to
    convergence, and the product of its layers is one layer.
    """
    layers = []
    for seed in SEEDS:
        network = MLPClassifier(
            (128,),
            activation="identity",
            alpha=1e-3,
            batch_size=100,
            learning_rate_init=1e-3,
            max_iter=16,
            random_state=seed,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            network.fit(matrix.astype(np.float32), labels)
        first, second, bias, intercept = (
            part.astype(np.float64) for part in (*network.coefs_, *network.intercepts_)
        )
        layers.append((first @ second, bias @ second + intercept))
    return tuple(np.mean(part, axis=0) for part in zip(*layers, strict=True))


def fit_linear(matrix, labels):
    """Coefficients [features, classes] and intercepts [classes]: networks and a support vector machine.

    The mean of linear models over the same features is a linear model. The machine's scores are
    first brought to the spread of the networks'.
    """
    size = np.sqrt(matrix.multiply(matrix).sum(axis=1)).mean()
    matrix = matrix / size
    coefficients, intercepts = fit_networks(matrix, labels)
    machine = LinearSVC(C=2, random_state=0).fit(matrix, labels)
    spread = (matrix @ coefficients + intercepts).std() / machine.decision_function(matrix).std()
    return (coefficients + spread * machine.coef_.T) / (2 * size), (
        intercepts + spread * machine.intercept_
    ) / 2


def out_of_fold_logits(texts, labels):
    """The logits of each message from a model that was trained without it."""
    logits = np.zeros((len(texts), len(np.unique(labels))))
    for train, held_out in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(texts, labels):
        features = new_features()
        matrix = features.fit_transform([texts[i] for i in train])
        coefficients, intercepts = fit_linear(matrix, labels[train])
        logits[held_out] = features.transform([texts[i] for i in held_out]) @ coefficients + intercepts
    return logits


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


def train(texts, labels):
    """The fitted scikit-learn pipeline from text to calibrated probabilities, and its temperature."""
    classes, targets = np.unique(labels, return_inverse=True)
    cross_validated = out_of_fold_logits(texts, labels)
    temperature = fit_temperature(cross_validated, targets)
    accuracy = (cross_validated.argmax(axis=1) == targets).mean()
    print(f"cross-validated accuracy {accuracy:.4f}, temperature {temperature:.4f}")
    features = new_features()
    coefficients, intercepts = fit_linear(features.fit_transform(texts), labels)
    classifier = LogisticRegression()
    classifier.classes_, classifier.n_features_in_ = classes, len(coefficients)
    classifier.coef_, classifier.intercept_ = coefficients.T / temperature, intercepts / temperature
    return make_pipeline(*(step for _, step in features.steps), classifier), temperature


def export(pipeline, folder):
    """Writes the three graphs and returns their paths in order."""
    tfidf, _, classifier = (step for _, step in pipeline.steps)
    paths = [folder / f"{name}.onnx" for name in ("characters", "ngrams", "classifier")]
    alphabet = graphs.alphabet_of(tfidf.vocabulary_)
    ngrams = graphs.number_ngrams(tfidf.vocabulary_, alphabet)
    idf = {gram: tfidf.idf_[column] for gram, column in tfidf.vocabulary_.items()}
    weights = {gram: classifier.coef_[:, column] for gram, column in tfidf.vocabulary_.items()}
    graphs.save_characters(paths[0], alphabet)
    graphs.save_ngrams(paths[1], alphabet, ngrams)
    graphs.save_classifier(paths[2], ngrams, idf, weights, classifier.intercept_)
    return paths


def run_graphs(paths, texts, batch=100):
    """Probabilities [N, classes] from the chain of graphs."""
    sessions = [onnxruntime.InferenceSession(path) for path in paths]
    outputs = []
    for start in range(0, len(texts), batch):
        tensor = np.array(texts[start : start + batch], dtype=object)
        for session in sessions:
            (tensor,) = session.run(None, {session.get_inputs()[0].name: tensor})
        outputs.append(tensor)
    return np.concatenate(outputs)


def check(pipeline, paths, texts):
    """Raises unless the graphs say what scikit-learn says."""
    expected, actual = pipeline.predict_proba(texts), run_graphs(paths, texts)
    if (expected.argmax(axis=1) != actual.argmax(axis=1)).any() or np.abs(expected - actual).max() > 1e-5:
        raise SystemExit(f"the graphs differ from scikit-learn by up to {np.abs(expected - actual).max()}")
    print(f"graphs equal scikit-learn on {len(texts)} texts, to {np.abs(expected - actual).max():.1e}")


def report(pipeline, temperature, texts, labels):
    """Prints what the model card says, and returns the metrics of the manifest."""
    probabilities, classes = pipeline.predict_proba(texts), pipeline.classes_
    targets = np.searchsorted(classes, labels)
    predicted = probabilities.argmax(axis=1)
    accuracy = (predicted == targets).mean()
    error, table = calibration(probabilities, targets)
    # An untempered softmax takes the probabilities to the power of the temperature.
    before, _ = calibration(softmax(np.log(probabilities) * temperature, axis=1), targets)
    print(f"accuracy {accuracy:.4f}, expected calibration error {before:.4f} before, {error:.4f} after")
    for i, count, mean, right in table:
        print(f"| {i / BINS:.2f}-{(i + 1) / BINS:.2f} | {count} | {mean:.3f} | {right:.3f} |")
    pairs, counts = np.unique(
        np.stack([targets, predicted])[:, targets != predicted], axis=1, return_counts=True
    )
    for i in np.argsort(-counts, kind="stable")[:10]:
        print(f"| {classes[pairs[0, i]]} | {classes[pairs[1, i]]} | {counts[i]} |")
    return {
        "accuracy": round(float(accuracy), 4),
        "messages": len(texts),
        "expectedCalibrationError": round(float(error), 4),
    }


def write_json(path, value):
    """Writes JSON in ASCII, indented."""
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def write_examples(pipeline, path):
    """Writes what scikit-learn says of the examples."""
    probabilities = pipeline.predict_proba(EXAMPLES)
    examples = [
        {
            "text": text,
            "label": str(pipeline.classes_[row.argmax()]),
            "score": round(float(row.max()), 6),
        }
        for text, row in zip(EXAMPLES, probabilities, strict=True)
    ]
    write_json(path, examples)


def write_manifest(labels, graph_paths, metrics, path):
    """Writes model.json; the steps carry the digests of the graphs."""
    manifest = {
        "name": "banking77-tfidf",
        "version": "1",
        "format": "sklearn",
        "task": "text-classification",
        "attribute": "label",
        "labels": labels,
        "steps": [
            {"file": graph.name, "sha256": hashlib.sha256(graph.read_bytes()).hexdigest()}
            for graph in graph_paths
        ],
        "output": "probabilities",
        "license": "MIT",
        "data": {
            "name": "Banking77",
            "source": "https://github.com/PolyAI-LDN/task-specific-datasets",
            "license": "CC-BY-4.0",
        },
        "metrics": metrics,
    }
    write_json(path, manifest)


def main():
    """Trains, exports, checks and writes the model's folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/banking77")
    parser.add_argument("--out", type=Path, default=ROOT / "models/banking77-tfidf/1")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    test_texts, test_labels = read_messages(arguments.data / "test.csv")

    pipeline, temperature = train(*read_messages(arguments.data / "train.csv"))
    paths = export(pipeline, arguments.out)
    check(pipeline, paths, test_texts + list(EXAMPLES))
    metrics = report(pipeline, temperature, test_texts, test_labels)
    write_examples(pipeline, arguments.out / "examples.json")
    write_manifest(pipeline.classes_.tolist(), paths, metrics, arguments.out / "model.json")


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
