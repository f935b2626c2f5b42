"""A tokenizer with less tokens: a word that it lacks is divided into more of them."""

import json

from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from minilm.network import load_tokenizer


def cut_tokenizer(texts, size):
    """The base model's tokenizer with its first `size` tokens, which are sorted by frequency, and those of some texts.

    Returns it, and the ids [tokens] that its tokens had.
    """
    whole = load_tokenizer()
    kept = sorted(set(range(size)).union(*whole(list(texts))["input_ids"]))
    numbers = {old: new for new, old in enumerate(kept)}
    backend = json.loads(whole.backend_tokenizer.to_str())
    vocabulary = backend["model"]["vocab"]
    backend["model"]["vocab"] = {token: numbers[old] for token, old in vocabulary.items() if old in numbers}
    names = {name: token for name, token in whole.special_tokens_map.items() if isinstance(token, str)}
    return PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(json.dumps(backend)), **names), kept
