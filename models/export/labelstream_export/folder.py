"""A model folder that appears when it is complete."""

import hashlib
import json
import os
import re
import shutil
from contextlib import contextmanager

from labelstream_export.errors import ExportError

WORD = re.compile(r"[\w.-]+", re.ASCII)


class NewFolder:
    """A folder beside the model's own, in which labelstream finds the model under `id` while it is made."""

    def __init__(self, path, name):
        self.path = path
        self.id = f"{name}@{path.name}"

    def write(self, file, content):
        """Writes bytes. Returns the entry of a manifest: file and sha256."""
        target = self.path / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        return {"file": file, "sha256": hashlib.sha256(content).hexdigest()}

    def write_json(self, file, value):
        """Writes what people read, too. Returns the entry of a manifest."""
        return self.write(file, (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode())

    def write_manifest(self, manifest):
        """Writes model.json; its name and version are those of the path."""
        self.write_json("model.json", manifest)

    def write_examples(self, examples):
        """Writes examples.json: (text, label, score) each."""
        rows = [{"text": text, "label": label, "score": round(score, 6)} for text, label, score in examples]
        self.write_json("examples.json", rows)

    def bytes(self):
        return sum(file.stat().st_size for file in self.path.rglob("*") if file.is_file())


def checked_target(project, name, version, force=False):
    """The folder models/NAME/VERSION. Raises ExportError where it exists and force is not set, or a name is invalid."""
    for what, value in (("NAME", name), ("--version", version)):
        if not WORD.fullmatch(value) or value.startswith("."):
            raise ExportError(f"{what} {value!r} should consist of letters, digits, '.', '_' and '-'")
    target = project / "models" / name / version
    if target.exists() and not force:
        raise ExportError(f"{target} already exists; give another --version, or replace it with --force")
    return target


@contextmanager
def new_folder(project, name, version, force=False):
    """Gives a NewFolder and moves it to models/NAME/VERSION unless an error is raised; then it is deleted.

    Raises ExportError as checked_target does, and where nothing can be written.
    """
    target = checked_target(project, name, version, force)
    scratch = target.with_name(f".{version}.export-{os.getpid()}")
    above = target.parent
    was_there = above.exists()
    try:
        scratch.mkdir(parents=True)
        folder = NewFolder(scratch, name)
        yield folder
        _put(folder, target, name, version)
    except OSError as error:
        raise ExportError(f"{target} cannot be written: {error}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        if not was_there and above.exists() and not any(above.iterdir()):
            above.rmdir()


def _put(folder, target, name, version):
    manifest = json.loads((folder.path / "model.json").read_text("utf-8"))
    folder.write_manifest({"name": name, "version": version, **manifest})
    old = target.with_name(f".{version}.replaced-{os.getpid()}")
    if target.exists():
        target.rename(old)
    folder.path.rename(target)
    shutil.rmtree(old, ignore_errors=True)
