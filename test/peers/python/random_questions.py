"""Small models that answer questions, with random weights, of five families: a folder as transformers saves it, and the
ONNX graph beside it, as Optimum exports it."""

import torch
from optimum.exporters.onnx import main_export
from random_transformers import byte_pairs, word_pieces
from transformers import (
    BertConfig,
    BertForQuestionAnswering,
    DistilBertConfig,
    DistilBertForQuestionAnswering,
    ElectraConfig,
    ElectraForQuestionAnswering,
    MobileBertConfig,
    MobileBertForQuestionAnswering,
    RobertaConfig,
    RobertaForQuestionAnswering,
)

# Enough for a question and more of a context than two windows in a row share, which the pipeline needs.
POSITIONS = 384
SHAPE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}


def make(family, tokenizer):
    size = {"vocab_size": len(tokenizer), "max_position_embeddings": POSITIONS}
    if family == "bert":
        return BertForQuestionAnswering(BertConfig(**SHAPE, **size))
    if family == "distilbert":
        return DistilBertForQuestionAnswering(DistilBertConfig(dim=32, n_layers=2, n_heads=2, hidden_dim=64, **size))
    if family == "electra":
        return ElectraForQuestionAnswering(ElectraConfig(embedding_size=16, **SHAPE, **size))
    if family == "mobilebert":
        narrow = {"embedding_size": 16, "intra_bottleneck_size": 16, "true_hidden_size": 16}
        return MobileBertForQuestionAnswering(MobileBertConfig(**narrow, **SHAPE, **size))
    size["max_position_embeddings"] += 2
    return RobertaForQuestionAnswering(RobertaConfig(**SHAPE, **size, type_vocab_size=1, pad_token_id=1))


def save(family, texts, folder):
    torch.manual_seed(5)
    tokenizer = byte_pairs(texts) if family == "roberta" else word_pieces(texts)
    tokenizer.model_max_length = POSITIONS
    types = [] if family in ("distilbert", "roberta") else ["token_type_ids"]
    tokenizer.model_input_names = ["input_ids", *types, "attention_mask"]
    model = make(family, tokenizer).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                parameter.mul_(8)
        # Logits that tell tokens apart.
        encoded = tokenizer(texts[0], texts[1], truncation="only_second", max_length=POSITIONS, return_tensors="pt")
        output = model(**encoded)
        scale = 2 / torch.stack([output.start_logits.std(), output.end_logits.std()])
        model.qa_outputs.weight.mul_(scale[:, None])
        model.qa_outputs.bias.zero_()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    main_export(folder, folder, task="question-answering", do_validation=False)
