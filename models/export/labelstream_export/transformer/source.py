"""The model to export: its network, its tokenizer, and PyTorch's answers to texts."""

import inspect
import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from labelstream_export.errors import ExportError
from labelstream_export.transformer.longest import longest_text

SETTINGS = ("config.json", "tokenizer_config.json")
# Paths of the machine that saved a tokenizer.
PATHS = ("_name_or_path", "name_or_path", "tokenizer_file", "special_tokens_map_file", "vocab_file")


@dataclass(frozen=True)
class Source:
    """A sequence classifier of transformers, in float32."""

    model: torch.nn.Module = field(repr=False)
    tokenizer: object = field(repr=False)
    labels: tuple
    activation: str
    """`softmax`, `sigmoid` or `none`, as Hugging Face's pipeline chooses it."""
    max_length: int
    """Tokens of a text, special ones included; longer texts are truncated."""

    def encode(self, text):
        """The token ids of a text and the network's other inputs, by name: lists. Truncated to the network's limit."""
        encoding = self.tokenizer(text, truncation=True, max_length=self.max_length)
        taken = inspect.signature(self.model.forward).parameters
        return {name: row for name, row in encoding.items() if name in taken}

    def scores(self, texts):
        """The scores [texts, labels] that PyTorch gives, each text alone, so that nothing is padded."""
        with torch.inference_mode():
            rows = [self.model(**self._tensors(text)).logits[0] for text in texts]
        return self.activate(torch.stack(rows).numpy())

    def activate(self, logits):
        """Scores of logits [texts, labels]."""
        values = torch.from_numpy(logits).double()
        apply = {"softmax": lambda x: x.softmax(-1), "sigmoid": torch.sigmoid, "none": lambda x: x}
        return apply[self.activation](values).numpy()

    def _tensors(self, text):
        return {name: torch.tensor([row]) for name, row in self.encode(text).items()}

    def save_settings(self, folder):
        """Writes config.json, tokenizer.json and tokenizer_config.json, without limits of the tokenizer's last call."""
        self.tokenizer.backend_tokenizer.no_truncation()
        self.tokenizer.backend_tokenizer.no_padding()
        with tempfile.TemporaryDirectory() as scratch:
            self.model.config.save_pretrained(scratch)
            self.tokenizer.save_pretrained(scratch)
            for file in SETTINGS:
                values = json.loads(Path(scratch, file).read_text("utf-8"))
                folder.write_json(file, {name: value for name, value in values.items() if name not in PATHS})
            folder.write("tokenizer.json", Path(scratch, "tokenizer.json").read_bytes())


def open_source(name, max_length=None):
    """The classifier of a hub id or a local folder. Raises ExportError where it is not one or cannot be loaded."""
    config = _had(name, AutoConfig.from_pretrained)
    _require_classifier(name, config)
    model, loading = _had(
        name, AutoModelForSequenceClassification.from_pretrained, output_loading_info=True, dtype=torch.float32
    )
    if loading["missing_keys"]:
        missing = ", ".join(sorted(loading["missing_keys"])[:3])
        raise ExportError(f"{name} has no weights for {missing}; fine-tune it for sequence classification first")
    tokenizer = _open_tokenizer(name)
    labels = _labels(name, config)
    longest = longest_text(model, tokenizer)
    if max_length is not None and not tokenizer.num_special_tokens_to_add() < max_length <= longest:
        raise ExportError(f"--max-length is {max_length}, but {name} reads texts of up to {longest} tokens")
    return Source(model.eval(), tokenizer, labels, _activation(config, labels), max_length or longest)


def _had(name, load, **options):
    """The result of `load` for a model; transformers raises errors of many kinds."""
    try:
        return load(name, **options)
    except Exception as error:
        first = str(error).strip().split("\n")[0]
        if Path(name).is_dir():
            raise ExportError(f"{name} cannot be loaded: {first}") from error
        raise ExportError(
            f"{name} cannot be downloaded: {first} Without a network, give a folder that "
            "save_pretrained or `hf download` has written"
        ) from error


def _require_classifier(name, config):
    architectures = config.architectures or ()
    if not any(each.endswith("ForSequenceClassification") for each in architectures):
        what = ", ".join(architectures) or "no architecture"
        raise ExportError(
            f"{name} is no sequence classifier: its config.json names {what}; fine-tune it for that first"
        )


def _open_tokenizer(name):
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, use_fast=True)
    except Exception as error:
        reason = str(error).strip().split("\n")[0]
        raise ExportError(f"{name} has no tokenizer that can be loaded: {reason} {SLOW}") from error
    if not tokenizer.is_fast:
        raise ExportError(f"{name} has a slow tokenizer only. {SLOW}")
    return tokenizer


SLOW = (
    "labelstream needs a tokenizer.json: AutoTokenizer.from_pretrained(…, use_fast=True).save_pretrained(…) "
    "writes one where transformers can convert the tokenizer (it may ask for sentencepiece or tiktoken)"
)


def _labels(name, config):
    labels = tuple(config.id2label[index] for index in sorted(config.id2label))
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice or len(labels) != config.num_labels:
        raise ExportError(f"{name}: id2label of its config.json should have a name of its own for each label")
    return labels


def _activation(config, labels):
    if config.problem_type == "regression":
        return "none"
    return "sigmoid" if config.problem_type == "multi_label_classification" or len(labels) == 1 else "softmax"
