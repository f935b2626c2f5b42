"""`labelstream-export sklearn PIPELINE NAME`."""

from pathlib import Path

from labelstream_export.errors import ExportError
from labelstream_export.folder import checked_target
from labelstream_export.project import find_project
from labelstream_export.texts import read_texts

SUMMARY = "a pipeline of scikit-learn, saved by joblib.dump or pickle.dump (loading it runs its code: take your own)"
EXTRA = "sklearn"


def add_arguments(parser):
    parser.add_argument("pipeline", metavar="PIPELINE", help="the file: pipeline.joblib")
    parser.add_argument(
        "--labels",
        metavar="FILE",
        help="names of a multi-label pipeline's labels, one a line, in their order",
    )
    parser.add_argument(
        "--raw-scores",
        action="store_true",
        help="scores from decision_function, though there is predict_proba: those that predict() follows",
    )


def run(arguments):
    """Exports and compares. Raises ExportError, and DifferenceError where labelstream's answers differ."""
    project = find_project(arguments.project)
    checked_target(project, arguments.name, arguments.version, arguments.force)
    samples = read_texts(arguments.texts, arguments.text_column) if arguments.texts else []
    names = read_texts(_as_text(arguments.labels)) if arguments.labels else None
    # Its imports take seconds.
    from labelstream_export.scikit_learn.export import export

    for line in export(
        Path(arguments.pipeline),
        project,
        arguments.name,
        version=arguments.version,
        samples=samples,
        names=names,
        raw_scores=arguments.raw_scores,
        force=arguments.force,
    ):
        print(line)


def _as_text(file):
    if not file.endswith(".txt"):
        raise ExportError(f"--labels {file} should be a .txt with a name a line")
    return file
