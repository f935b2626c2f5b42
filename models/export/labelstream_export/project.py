"""The checkout of labelstream that a model is exported into, and the answers of its own model code."""

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from labelstream_export.errors import ExportError

# The most that `npm run classify` lists.
MOST_LISTED = 1_000


@dataclass(frozen=True)
class Reply:
    """labelstream's answer to a text: its label, and the scores of the listed labels. Or an error's code."""

    label: str | None
    scores: dict
    error: str | None
    listed: tuple = ()


def find_project(folder=None):
    """The folder of labelstream: the one given, or else the nearest above the working directory. Raises ExportError."""
    start = Path(folder or ".").resolve()
    candidates = [start] if folder else [start, *start.parents]
    found = next((each for each in candidates if _is_project(each)), None)
    if found is None:
        raise ExportError(
            f"{start} is not in a checkout of labelstream; call this from one, or name it with --project"
        )
    if not (found / "node_modules").exists():
        raise ExportError(f"{found} has no node_modules; run npm ci there")
    return found


def _is_project(folder):
    try:
        return json.loads((folder / "package.json").read_text("utf-8"))["name"] == "labelstream"
    except (OSError, ValueError, KeyError, TypeError):
        return False


def classify(project, model, texts, labels):
    """The answers of labelstream's own code with `name@version`, which has `labels` labels.

    Returns one Reply per text, in their order. Raises ExportError where the model cannot be loaded.
    """
    with tempfile.TemporaryDirectory() as scratch:
        asked, answered = Path(scratch, "texts.jsonl"), Path(scratch, "labels.jsonl")
        asked.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
        command = ["npm", "run", "classify", "--silent", "--", "--quiet", "--model", model]
        command += ["--prefix", "label", "--top-k", str(min(labels, MOST_LISTED))]
        command += ["--input", str(asked), "--output", str(answered)]
        try:
            ended = subprocess.run(command, cwd=project, capture_output=True, text=True, encoding="utf-8")
        except OSError as error:
            raise ExportError(f"npm cannot be run: {error}; install Node.js and run npm ci") from error
        if not answered.exists():
            raise ExportError(f"labelstream cannot use the exported model: {ended.stderr.strip()}")
        lines = answered.read_text("utf-8").split("\n")
    return [_said(json.loads(line)) for line in lines if line != ""]


def _said(row):
    label, error = row.get("label"), row.get("label_error")
    listed = row.get("label_list", [])
    scores = {one["label"]: one["score"] for one in listed}
    if label is not None:
        scores.setdefault(label, row["label_score"])
    return Reply(label, scores, error, tuple(one["label"] for one in listed))
