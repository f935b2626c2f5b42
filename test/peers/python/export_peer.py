"""Trains pipelines and exports each in turn: a request and an answer are lines of JSON. While it exports one it asks what
labelstream says of texts, and waits for the answer."""

import json
import sys
import tempfile
import warnings
from pathlib import Path

import joblib
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[3] / "models" / "export"))

import corpora
import pipelines
import refused
from labelstream_export.errors import ExportError
from labelstream_export.project import Reply
from labelstream_export.scikit_learn.export import export

TEXTS, SAMPLES = 90, 60


def trained(group, kind, language):
    """A fitted pipeline, texts that it has not seen, and the names of labels where it has none."""
    if group == "any":
        texts, labels = corpora.topics_of(language, TEXTS, "train")
        return (
            pipelines.ANY[kind]().fit(texts, np.array(labels)),
            corpora.topics_of(language, SAMPLES, "test")[0],
            list(corpora.LABELS),
        )
    texts, labels = corpora.corpus(language, TEXTS, "train")
    samples, _ = corpora.corpus(language, SAMPLES, "test")
    if group == "kinds":
        needs_table = kind == "columns, by number"
        given = np.array([[text] for text in texts], dtype=object) if needs_table else texts
        return pipelines.KINDS[kind]().fit(given, labels), samples, None
    of_two = pipelines.TWO_LABELS[group][[corpora.LABELS.index(label) for label in labels]]
    return pipelines.TWO[kind]().fit(texts, of_two), samples, None


def say(answer):
    print(json.dumps(answer), flush=True)


def ask(project, model, texts, labels):
    """What labelstream says, which whoever asks for the export is asked in turn."""
    say({"question": {"model": model, "texts": texts, "labels": labels}})
    reply = json.loads(sys.stdin.readline())
    if "unusable" in reply:
        raise ExportError(f"labelstream cannot use the exported model: {reply['unusable']}")
    answers = reply["said"]
    return [Reply(one.get("label"), dict(one.get("scores", [])), one.get("error")) for one in answers]


def exported(request):
    group, kind, language = request["group"], request["kind"], request["language"]
    pipeline, samples, names = trained(group, kind, language)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "pipeline.joblib")
        joblib.dump(pipeline, file)
        lines = export(file, Path(request["project"]), request["name"], samples=samples, names=names, ask=ask)
        return {"lines": list(lines)}


def refusal(request):
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "pipeline.joblib")
        refused.save(request["what"], file)
        samples = corpora.corpus("english", SAMPLES, "test")[0]
        return {"lines": list(export(file, Path(request["project"]), "refused", samples=samples, ask=ask))}


def main():
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "kinds":
            groups = {
                "kinds": pipelines.KINDS,
                "int": pipelines.TWO,
                "bool": pipelines.TWO,
                "any": pipelines.ANY,
            }
            say(
                {
                    "kinds": [[group, kind] for group, kinds in groups.items() for kind in kinds],
                    "languages": corpora.LANGUAGES,
                }
            )
            continue
        try:
            say(refusal(request) if request["do"] == "refuse" else exported(request))
        except Exception as error:  # noqa: BLE001 - it is the answer
            say({"failed": f"{type(error).__name__}: {error}"})


main()
