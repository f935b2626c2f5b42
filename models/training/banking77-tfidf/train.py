"""Trains the model banking77-tfidf, checks its graphs against scikit-learn and writes the model's folder.

    python train.py [--data FOLDER] [--work FOLDER] [--out FOLDER]

It learns what ../banking77/teach.py lets the transformers say, whose answers the work folder holds.
"""

import math
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_CORETYPE", "Haswell")  # not whichever kernels this processor would get

import numpy as np
import torch
from scipy.sparse import diags_array
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

sys.path.append(str(Path(__file__).resolve().parents[1]))
import graphs
from banking77.answers import read_answers
from banking77.calibration import examples_of, fit_temperature, report
from banking77.inference import run_chain
from banking77.learning import new_schedule, taught_loss
from banking77.messages import EXAMPLES, SOURCE, new_parser, read_test, read_training, split
from files import digests, write_json

# With the sum of idf, five cache lines a row of the graph's table.
HIDDEN = 79
EPOCHS = 8
BATCH = 128
RATE = 2e-3
WARM_UP = 0.05
# Of the n-grams of a text, while it learns.
DROPOUT = 0.4


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


def tensors_of(matrix):
    """What an EmbeddingBag takes of a sparse matrix: columns, where each row begins, values."""
    columns, starts = matrix.indices.astype(np.int64), matrix.indptr[:-1].astype(np.int64)
    return torch.from_numpy(columns), torch.from_numpy(starts), torch.from_numpy(matrix.data)


def fit_network(matrix, soft):
    """Weights [features, HIDDEN], [HIDDEN, classes] and intercepts [classes] of a network of two layers with ReLU.

    matrix: sparse, float32; soft: probabilities [texts, classes]
    """
    torch.manual_seed(0)
    generator = np.random.default_rng(0)
    texts, features = matrix.shape
    first = torch.nn.EmbeddingBag(features, HIDDEN, mode="sum")
    torch.nn.init.xavier_normal_(first.weight)
    second = torch.nn.Linear(HIDDEN, soft.shape[1])
    optimizer = torch.optim.AdamW([first.weight, second.weight, second.bias], lr=RATE, weight_decay=0, fused=True)
    schedule = new_schedule(optimizer, math.ceil(texts / BATCH) * EPOCHS, WARM_UP)
    begun = time.time()
    for epoch in range(EPOCHS):
        losses = []
        order = generator.permutation(texts)
        for start in range(0, texts, BATCH):
            rows = order[start : start + BATCH]
            batch = matrix[rows]
            kept = generator.random(batch.nnz) > DROPOUT
            batch.data *= kept.astype(np.float32) / np.float32(1 - DROPOUT)
            columns, starts, values = tensors_of(batch)
            loss = taught_loss(second(first(columns, starts, per_sample_weights=values).relu()), soft[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}, {time.time() - begun:.0f} s: loss {np.mean(losses):.4f}", flush=True)
    parts = (part.detach().numpy().astype(np.float64) for part in (first.weight, second.weight.T, second.bias))
    return tuple(parts)


def fit(texts, soft, messages, classes):
    """The pipeline from text to probabilities; the first `messages` texts are messages, the others altered copies."""
    features = new_features().fit(texts[:messages])
    matrix = features.transform(texts)
    size = np.sqrt(matrix[:messages].multiply(matrix[:messages]).sum(axis=1)).mean()
    first, second, bias = fit_network((matrix / size).astype(np.float32).tocsr(), soft)
    network = MLPClassifier((HIDDEN,), activation="relu", max_iter=1, random_state=0)
    network.partial_fit(matrix[: len(classes)].toarray(), classes, classes=classes)  # so that all its attributes are there
    network.coefs_, network.intercepts_ = [first / size, second], [np.zeros(HIDDEN), bias]
    return make_pipeline(*(step for _, step in features.steps), network)


def calibrate(pipeline, temperature):
    """Divides a pipeline's logits."""
    network = pipeline.steps[-1][1]
    network.coefs_[1], network.intercepts_[1] = network.coefs_[1] / temperature, network.intercepts_[1] / temperature


def train_part(texts, classes, targets, work):
    """The temperature of a pipeline that has not seen the messages held out, whose probabilities are saved."""
    rows, others = split(targets)
    pipeline = fit(*read_answers("part", work), len(rows), classes)
    logits = np.log(pipeline.predict_proba([texts[i] for i in others]))
    temperature = fit_temperature(logits, targets[others])
    accuracy = (logits.argmax(axis=1) == targets[others]).mean()
    print(f"accuracy on messages held out {accuracy:.4f}, temperature {temperature:.4f}")
    calibrate(pipeline, temperature)
    np.save(work / "banking77-tfidf-part.npy", pipeline.predict_proba([texts[i] for i in others]))
    return temperature


def train(texts, classes, targets, work):
    """The pipeline of all messages, calibrated as one of a part of them has to be."""
    temperature = train_part(texts, classes, targets, work)
    pipeline = fit(*read_answers("all", work), len(texts), classes)
    calibrate(pipeline, temperature)
    return pipeline


def export(pipeline, folder):
    """Writes the three graphs and returns their paths in order."""
    tfidf, _, network = (step for _, step in pipeline.steps)
    paths = [folder / f"{name}.onnx" for name in ("characters", "ngrams", "classifier")]
    alphabet = graphs.alphabet_of(tfidf.vocabulary_)
    ngrams = graphs.number_ngrams(tfidf.vocabulary_, alphabet)
    idf = {gram: tfidf.idf_[column] for gram, column in tfidf.vocabulary_.items()}
    first, second = network.coefs_
    weights = {gram: first[column] for gram, column in tfidf.vocabulary_.items()}
    graphs.save_characters(paths[0], alphabet)
    graphs.save_ngrams(paths[1], alphabet, ngrams)
    graphs.save_classifier(paths[2], ngrams, idf, weights, second, network.intercepts_[1])
    return paths


def check(pipeline, paths, texts):
    """Raises unless the graphs say what scikit-learn says."""
    expected, actual = pipeline.predict_proba(texts), run_chain(paths, texts)
    if (expected.argmax(axis=1) != actual.argmax(axis=1)).any() or np.abs(expected - actual).max() > 1e-5:
        raise SystemExit(f"the graphs differ from scikit-learn by up to {np.abs(expected - actual).max()}")
    print(f"graphs equal scikit-learn on {len(texts)} texts, to {np.abs(expected - actual).max():.1e}")


def write_manifest(labels, paths, metrics, out):
    """Writes model.json; the steps carry the digests of the graphs."""
    manifest = {
        "name": "banking77-tfidf",
        "version": "1",
        "format": "sklearn",
        "task": "text-classification",
        "attribute": "label",
        "labels": labels,
        "steps": [
            {"file": file, "sha256": digest}
            for file, digest in digests(out, [path.name for path in paths]).items()
        ],
        "output": "probabilities",
        "license": "MIT",
        "data": SOURCE,
        "metrics": metrics,
    }
    write_json(out / "model.json", manifest)


def main():
    """Trains, exports, checks and writes the model's folder."""
    arguments = new_parser(__doc__, "banking77-tfidf").parse_args()
    data, out = arguments.data, arguments.out
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    test_texts, test_labels = read_test(data)

    pipeline = train(*read_training(data), arguments.work)
    classes = pipeline.classes_
    paths = export(pipeline, out)
    check(pipeline, paths, test_texts + list(EXAMPLES))
    metrics = report(pipeline.predict_proba(test_texts), classes, test_labels)
    write_json(out / "examples.json", examples_of(EXAMPLES, pipeline.predict_proba(EXAMPLES), classes))
    write_manifest(classes.tolist(), paths, metrics, out)


if __name__ == "__main__":
    main()
