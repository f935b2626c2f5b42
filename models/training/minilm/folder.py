"""The files of a transformer's folder that all trainings write alike."""

import json

from files import write_json
from minilm.network import BASE


# Where transformers.js looks for a graph of dtype int8.
GRAPH = "onnx/model_int8.onnx"


def save_tokenizer(tokenizer, out, **settings):
    """Writes a tokenizer, without the cutting and padding of the base model, and the configuration.

    settings: of config.json, instead of those of the base model
    """
    tokenizer = tokenizer.backend_tokenizer
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    write_json(out / "tokenizer_config.json", json.loads((BASE / "tokenizer_config.json").read_text(encoding="utf-8")))
    config = json.loads((BASE / "config.json").read_text(encoding="utf-8"))
    config.pop("_name_or_path"), config.pop("transformers_version")
    write_json(out / "config.json", config | settings)
