"""Folders as transformers saves them: of random models, and with one fault each."""

import json
from pathlib import Path

from random_transformers import LABELS, bert, make
from transformers import BertForMaskedLM


def save(family, texts, folder):
    """Writes a model, or a folder with the fault that `family` names."""
    path = Path(folder)
    if family in ("bert", "distilbert", "roberta"):
        for part in make(family, texts):
            part.save_pretrained(path)
        return
    model, tokenizer = make("bert", texts)
    if family == "masked":
        model = BertForMaskedLM(bert(tokenizer))
    model.save_pretrained(path)
    if family != "no tokenizer":
        tokenizer.save_pretrained(path)
    if family == "unnamed":
        config = json.loads((path / "config.json").read_text())
        config["id2label"] = {str(index): f"LABEL_{index}" for index in range(len(LABELS))}
        config["label2id"] = {label: int(index) for index, label in config["id2label"].items()}
        (path / "config.json").write_text(json.dumps(config))
    if family == "other tokenizer":
        file = path / "tokenizer.json"
        tokenizer = json.loads(file.read_text())
        words = {"type": "WordLevel", "vocab": tokenizer["model"]["vocab"], "unk_token": "[UNK]"}
        file.write_text(json.dumps(tokenizer | {"model": words}))
