"""The network: MiniLM and a linear layer that scores every token as an answer's start and as its end."""

import sys
from pathlib import Path

import torch
from torch import nn

sys.path.append(str(Path(__file__).resolve().parents[1]))
from minilm.network import load_base, use_pooled_dropout


class Reader(nn.Module):
    """MiniLM with a head for an answer's start and end; the word embeddings stay as they are."""

    def __init__(self, dropout=0.1):
        super().__init__()
        self.bert = load_base(dropout)
        self.bert.embeddings.word_embeddings.weight.requires_grad_(False)
        self.outputs = nn.Linear(self.bert.config.hidden_size, 2)
        use_pooled_dropout(self)

    def forward(self, input_ids, attention_mask, token_type_ids):
        """Scores [N, L, 2] in float32 of token ids [N, L]."""
        states = self.bert(input_ids, attention_mask, token_type_ids).last_hidden_state
        return self.outputs(states).float()


def pad(windows):
    """Token ids, attention mask and segments, each [N, L]."""
    length = max(len(window.ids) for window in windows)
    ids, mask, types = (torch.zeros(len(windows), length, dtype=torch.long) for _ in range(3))
    for row, window in enumerate(windows):
        ids[row, : len(window.ids)] = torch.tensor(window.ids)
        mask[row, : len(window.ids)] = 1
        types[row, : len(window.ids)] = torch.tensor(window.types)
    return ids, mask, types
