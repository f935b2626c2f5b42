"""The files of a model's folder that all trainings write alike."""

import hashlib
import json

from minilm.network import BASE, load_tokenizer


# Where transformers.js looks for a graph of dtype int8.
GRAPH = "onnx/model_int8.onnx"


def digests(folder, files):
    """The SHA-256 of files, for a manifest."""
    return {file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in files}


def write_json(path, value):
    """Writes JSON in ASCII, indented."""
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def save_tokenizer(out, **settings):
    """Writes the tokenizer, without the cutting and padding of the base model, and the configuration.

    settings: of config.json, instead of those of the base model
    """
    tokenizer = load_tokenizer().backend_tokenizer
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    write_json(out / "tokenizer_config.json", json.loads((BASE / "tokenizer_config.json").read_text(encoding="utf-8")))
    config = json.loads((BASE / "config.json").read_text(encoding="utf-8"))
    config.pop("_name_or_path"), config.pop("transformers_version")
    write_json(out / "config.json", config | settings)
