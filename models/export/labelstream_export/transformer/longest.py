"""The maximum number of tokens that a model reads."""

# Tokenizers without a limit have a larger number.
NO_LIMIT = 10**9
# labelstream's limit where neither tokenizer nor positions have one.
LONGEST = 512


def longest_text(model, tokenizer):
    """The most tokens that both the tokenizer and the table of positions allow."""
    limit = tokenizer.model_max_length
    limits = [] if limit is None or limit > NO_LIMIT else [int(limit)]
    positions = _positions(model)
    return min(limits if positions is None else [*limits, positions], default=LONGEST)


def _positions(model):
    """Tokens that fit the table of positions: models of RoBERTa's kind count from after the padding's position."""
    config = model.config
    longest = getattr(config, "max_position_embeddings", None) or getattr(config, "n_positions", None)
    if not longest or longest <= 0:
        return None
    tables = [module for name, module in model.named_modules() if name.endswith("position_embeddings")]
    paddings = [table.padding_idx for table in tables if getattr(table, "padding_idx", None) is not None]
    return longest - (paddings[0] + 1 if paddings else 0)
