"""Exports a model of transformers to a model folder with the same answers in float32, nearly the same in int8."""

import hashlib

from labelstream_export.errors import ExportError
from labelstream_export.folder import new_folder
from labelstream_export.project import classify
from labelstream_export.texts import HARD_TEXTS
from labelstream_export.transformer.choose_int8 import quantize_statically
from labelstream_export.transformer.compare import compare, require_agreement, require_equal
from labelstream_export.transformer.examples import examples
from labelstream_export.transformer.graph import export_graph
from labelstream_export.transformer.quantize import quantize_dynamically
from labelstream_export.transformer.size import other_models, shipped_bytes, size_lines
from labelstream_export.transformer.source import open_source

FLOAT, INT8 = "model.onnx", "model_int8.onnx"
# More samples or calibration texts do not change the result.
MOST_TEXTS = 500
# One in this many calibration texts is kept for the comparison where there are no samples.
KEPT_BACK = 5


def export(
    model,
    project,
    name,
    version="1",
    samples=(),
    calibration=(),
    dynamic=False,
    max_length=None,
    min_agreement=0.98,
    force=False,
    ask=classify,
):
    """Makes models/NAME/VERSION from a hub id or a folder, if the answers of `ask` for it are those of PyTorch.

    Yields lines that say what is done. Raises ExportError, and DifferenceError where they say different things.
    """
    samples, calibration = _texts(samples, calibration, dynamic)
    texts = [*samples, *HARD_TEXTS]
    with new_folder(project, name, version, force) as folder:
        source = open_source(model, max_length)
        yield f"{model}: {len(source.labels)} labels, texts of up to {source.max_length} tokens"
        scores = source.scores(texts)

        def compared():
            _write_manifest(folder, max_length)
            replies = ask(project, folder.id, texts, len(source.labels))
            return replies, compare(replies, scores, source.labels)

        source.save_settings(folder)
        export_graph(source, folder.path / FLOAT)
        replies, comparison = compared()
        require_equal(comparison, _kinds(samples))
        yield f"float32, compared with transformers on {_count(samples)}: {comparison}"
        sizes = {"float32": shipped_bytes(folder.path)}
        if calibration or dynamic:
            yield from _quantize(source, folder, calibration, samples, min_agreement)
            replies, _ = compared()
            own = compare(replies[: len(samples)], scores[: len(samples)], source.labels)
            hard = compare(replies[len(samples) :], scores[len(samples) :], source.labels)
            yield f"int8, compared with transformers on {len(samples)} samples: {own}"
            yield f"int8, on {len(HARD_TEXTS)} hard texts: {hard}"
            require_agreement(own, min_agreement, dynamic)
            sizes["int8"] = shipped_bytes(folder.path)
        chosen = examples(texts, replies, len(samples))
        if chosen:
            folder.write_examples(chosen)
    yield from size_lines(sizes, other_models(project, name, version))
    yield from _notes(source, samples, chosen, dynamic)
    yield f"models/{name}/{version} was written; next: npm start -- --model {name}"


def _texts(samples, calibration, dynamic):
    """Samples and calibration texts, spread over those given and none in both."""
    samples, calibration = _spread(samples), _spread(calibration)
    if calibration and not samples:
        samples = calibration[::KEPT_BACK]
        calibration = [text for index, text in enumerate(calibration) if index % KEPT_BACK != 0]
        if not calibration:
            raise ExportError("--calibrate needs more than one text; some hundreds like those to come do well")
    if dynamic and not samples:
        raise ExportError("--dynamic changes scores: give samples to compare on, --texts FILE")
    return samples, calibration


def _spread(texts):
    return list(texts[:: max(1, -(-len(texts) // MOST_TEXTS))])


def _quantize(source, folder, calibration, samples, min_agreement):
    """Replaces the float32 graph by an int8 one."""
    graph, out = folder.path / FLOAT, folder.path / INT8
    if calibration:
        yield f"int8 with the ranges of {len(calibration)} calibration texts:"
        yield from quantize_statically(source, graph, calibration, samples, out, min_agreement)
    else:
        quantize_dynamically(graph, out)
    graph.unlink()


def _write_manifest(folder, max_length):
    """Writes model.json: the settings that the other files lack, and their digests."""
    names = sorted(file.name for file in folder.path.iterdir() if file.name not in ("model.json", "examples.json"))
    files = {name: hashlib.sha256((folder.path / name).read_bytes()).hexdigest() for name in names}
    longest = {} if max_length is None else {"maxLength": max_length}
    folder.write_manifest({"format": "transformer", "task": "text-classification", **longest, "files": files})


def _count(samples):
    return f"{len(samples)} samples and {len(HARD_TEXTS)} hard texts"


def _kinds(samples):
    return [f"sample {index + 1}" for index in range(len(samples))] + [
        f"hard text {index + 1}" for index in range(len(HARD_TEXTS))
    ]


def _notes(source, samples, chosen, dynamic):
    if all(label == f"LABEL_{index}" for index, label in enumerate(source.labels)):
        yield "labels have no names: items will get LABEL_0 and so on; name them in id2label of config.json"
    if not samples:
        yield "give samples like the texts to come, --texts FILE: it is compared on them, and examples.json takes some"
    if not chosen:
        yield "no examples.json: scores are no probabilities"
    if dynamic:
        yield "dynamic int8 runs each text by itself; --calibrate FILE makes it static, which runs texts together"
