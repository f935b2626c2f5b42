"""Hugging Face's Rust tokenizers, from tokenizer.json to token ids and types."""

import tokenizers

from answers import serve

loaded = {}


def version():
    return {"version": f"tokenizers {tokenizers.__version__}"}


def load(tokenizer):
    """`tokenizer`: the content of tokenizer.json."""
    loaded["tokenizer"] = tokenizers.Tokenizer.from_str(tokenizer)
    return {}


def encode(inputs, maxLength=None, side="right"):
    """`inputs`: texts in lists of one or, for a pair, two."""
    tokenizer = loaded["tokenizer"]
    tokenizer.no_padding()
    if maxLength is None:
        tokenizer.no_truncation()
    else:
        tokenizer.enable_truncation(maxLength, direction=side)
    encodings = [tokenizer.encode(*texts) for texts in inputs]
    return {"ids": [encoding.ids for encoding in encodings], "types": [encoding.type_ids for encoding in encodings]}


def spans(texts):
    """Of each text's tokens, without special ones: ids, offsets in code points and the word of each."""
    tokenizer = loaded["tokenizer"]
    tokenizer.no_padding()
    tokenizer.no_truncation()
    encodings = tokenizer.encode_batch(texts, add_special_tokens=False)
    return {"spans": [[encoding.ids, encoding.offsets, encoding.word_ids] for encoding in encodings]}


serve({"version": version, "load": load, "encode": encode, "spans": spans})
