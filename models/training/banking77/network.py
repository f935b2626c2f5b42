"""The network: MiniLM, the mean of its tokens' states and one linear layer; and how a list of texts becomes tensors."""

import numpy as np
import torch
from torch import nn

from minilm.network import load_base, use_pooled_dropout


class Classifier(nn.Module):
    """MiniLM with a classification head over the mean of its tokens' last states."""

    def __init__(self, classes, dropout=0.1):
        super().__init__()
        self.bert = load_base(dropout)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(self.bert.config.hidden_size, classes)
        use_pooled_dropout(self)

    def forward(self, input_ids, attention_mask):
        """Logits [N, classes] of token ids [N, L]."""
        states = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * mask).sum(dim=1) / mask.sum(dim=1)
        return self.classifier(self.dropout(mean))


def keep_layers(network, layers):
    """Leaves a network some of its layers."""
    bert = network.bert
    bert.encoder.layer = nn.ModuleList(bert.encoder.layer[index] for index in layers)
    bert.config.num_hidden_layers = len(layers)


def keep_tokens(network, tokens):
    """Leaves a network the embeddings of some of its tokens, in this order."""
    words = network.bert.embeddings.word_embeddings
    words.weight = nn.Parameter(words.weight.detach()[tokens])
    words.num_embeddings = network.bert.config.vocab_size = len(tokens)


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
            logits[rows] = network(*pad([encodings[row] for row in rows])).float().numpy()
    return logits
