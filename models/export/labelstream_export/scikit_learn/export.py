"""Exports a file with a pipeline to a model folder with the same answers."""

from labelstream_export.folder import new_folder
from labelstream_export.project import classify
from labelstream_export.scikit_learn.answers import MORE_THAN_HALF, answers_of
from labelstream_export.scikit_learn.batching import is_steady
from labelstream_export.scikit_learn.compare import compare
from labelstream_export.scikit_learn.graph import SCORES, graph_of
from labelstream_export.scikit_learn.load import load_pipeline
from labelstream_export.scikit_learn.rewrite import Rewriting
from labelstream_export.scikit_learn.text_column import column_transformers, feed
from labelstream_export.scikit_learn.vectorizer import vectorizer_file
from labelstream_export.texts import HARD_TEXTS

MOST_EXAMPLES = 24


def export(
    file, project, name, version="1", samples=(), names=None, raw_scores=False, force=False, ask=classify
):
    """Makes models/NAME/VERSION from a pipeline's file, if the answers of `ask` for it are those of the pipeline.

    Returns lines that say what was done. Raises ExportError, and DifferenceError where they say different things.
    """
    pipeline, notes = load_pipeline(file)
    rewriting = Rewriting(pipeline)
    tables = column_transformers(rewriting.originals)
    answers = answers_of(pipeline, feed(tables, ["a text"]), names, raw_scores)
    texts = [*samples, *HARD_TEXTS]
    given = feed(tables, texts)
    with new_folder(project, name, version, force) as folder:
        _write(folder, rewriting, answers)
        replies = ask(project, folder.id, texts, len(answers.labels))
        compared = compare(
            replies,
            answers.scores(given),
            answers.predict(given),
            answers.labels,
            _kinds(texts, samples),
            answers.multi_label,
        )
        folder.write_examples(_examples(texts[: len(samples) or None], replies))
        size = folder.bytes()
    return _summary(project, name, version, rewriting, answers, compared, size, len(samples), notes)


def _write(folder, rewriting, answers):
    vectorizers = [
        folder.write(f"vectorizer{number}.json", vectorizer_file(vectorizer))
        for number, vectorizer in enumerate(rewriting.vectorizers, 1)
    ]
    model = graph_of(rewriting.result, rewriting.width, answers)
    graph = folder.write("classifier.onnx", model.SerializeToString(deterministic=True))
    manifest = {
        "format": "sklearn",
        "task": "text-classification",
        "labels": answers.labels,
        "vectorizers": vectorizers,
        "steps": [graph],
        "output": SCORES,
        "activation": answers.activation,
    }
    if answers.multi_label:
        manifest["threshold"] = MORE_THAN_HALF
    if not is_steady(model, [len(vectorizer.vocabulary_) for vectorizer in rewriting.vectorizers]):
        manifest["limits"] = {"maxItems": 1}
    folder.write_manifest(manifest)


def _kinds(texts, samples):
    return [
        f"sample {index + 1}" if index < len(samples) else f"hard text {index + 1 - len(samples)}"
        for index in range(len(texts))
    ]


def _examples(texts, replies):
    """Texts with the labels and scores that were just verified, of as many different labels as possible."""
    by_label = {}
    for text, one in zip(texts, replies):
        by_label.setdefault(one.label, []).append((text, one.label, one.scores[one.label]))
    rounds = max(map(len, by_label.values()))
    in_turn = [own[index] for index in range(rounds) for own in by_label.values() if index < len(own)]
    return in_turn[:MOST_EXAMPLES]


def _summary(project, name, version, rewriting, answers, compared, size, samples, notes):
    folder = f"models/{name}/{version}"
    plural = "" if len(rewriting.vectorizers) == 1 else "s"
    yield f"{folder}: {len(answers.labels)} labels, {len(rewriting.vectorizers)} vectorizer{plural} with {rewriting.width:,} n-grams, {size:,} bytes"
    yield (
        f"compared with scikit-learn on {samples} samples and {len(HARD_TEXTS)} hard texts: the same labels, "
        f"probabilities differ by {compared.largest:.1g} at most"
    )
    if compared.ties:
        yield f"{compared.ties} texts have several labels that are as probable to six digits; there it may take another"
    if samples == 0:
        yield "give samples that the model was not trained on, --texts FILE: it is compared on them, and examples.json takes some"
    if answers.raw:
        yield "scores are decision values through softmax or sigmoid, no calibrated probabilities (CalibratedClassifierCV gives them)"
    yield from notes
    yield f"next: npm start -- --model {name}"
