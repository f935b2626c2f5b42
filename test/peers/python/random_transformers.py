"""Small sequence classifiers with random weights, of three families."""

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaForSequenceClassification,
)

POSITIONS = 64
LABELS = ("card", "cash", "transfer", "other")


def word_pieces(texts):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(
        texts, trainers.WordPieceTrainer(vocab_size=400, special_tokens=special, show_progress=False)
    )
    ids = {token: tokenizer.token_to_id(token) for token in special}
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])],
    )
    names = {
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "mask_token": "[MASK]",
    }
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=POSITIONS, **names)


def byte_pairs(texts):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(vocab_size=400, special_tokens=special, initial_alphabet=alphabet, show_progress=False),
    )
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    names = {
        "bos_token": "<s>",
        "cls_token": "<s>",
        "eos_token": "</s>",
        "sep_token": "</s>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "mask_token": "<mask>",
    }
    # As many do: no limit, so that the positions decide.
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=int(1e30), **names)


def settings(labels, **more):
    return {
        "id2label": dict(enumerate(labels)),
        "label2id": {label: index for index, label in enumerate(labels)},
    } | more


def bert(tokenizer, **more):
    shape = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    shape |= {"vocab_size": len(tokenizer), "max_position_embeddings": POSITIONS}
    return BertConfig(**shape, **settings(LABELS), **more)


def make(family, texts):
    """A model and its tokenizer."""
    torch.manual_seed(3)
    tokenizer = byte_pairs(texts) if family == "roberta" else word_pieces(texts)
    if family == "bert":
        model = BertForSequenceClassification(bert(tokenizer))
        last = model.classifier
    elif family == "distilbert":
        config = DistilBertConfig(
            vocab_size=len(tokenizer),
            max_position_embeddings=POSITIONS,
            dim=32,
            n_layers=2,
            n_heads=2,
            hidden_dim=64,
            **settings(["NEGATIVE", "POSITIVE"]),
        )
        model, tokenizer.model_input_names = (
            DistilBertForSequenceClassification(config),
            ["input_ids", "attention_mask"],
        )
        last = model.classifier
    else:
        config = RobertaConfig(
            vocab_size=len(tokenizer),
            max_position_embeddings=POSITIONS + 2,
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            type_vocab_size=1,
            pad_token_id=1,
            **settings(LABELS, problem_type="multi_label_classification"),
        )
        model, tokenizer.model_input_names = RobertaForSequenceClassification(config), ["input_ids", "attention_mask"]
        last = model.classifier.out_proj
    spread(model.eval(), tokenizer, last, texts)
    return model, tokenizer


def spread(model, tokenizer, last, texts):
    """Random weights of the usual size make all texts score alike: these tell them apart."""
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                parameter.mul_(8)
        logits = torch.cat(
            [
                model(**tokenizer(text, truncation=True, max_length=POSITIONS, return_tensors="pt")).logits
                for text in texts[:40]
            ]
        )
        scale = 2 / logits.std(dim=0)
        last.weight.mul_(scale[:, None])
        last.bias.copy_((last.bias - logits.mean(dim=0)) * scale)
