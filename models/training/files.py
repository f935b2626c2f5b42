"""The files of a model's folder that all trainings write alike."""

import hashlib
import json


def digests(folder, files):
    """The SHA-256 of files, for a manifest."""
    return {file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in files}


def write_json(path, value):
    """Writes JSON in ASCII, indented."""
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
