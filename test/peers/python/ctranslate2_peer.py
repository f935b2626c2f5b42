"""CTranslate2 with int8 weights, on one thread: the same network; the head is NumPy's."""

import os
import tempfile

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import ctranslate2
import numpy as np
from ctranslate2.specs import common_spec, transformer_spec

from answers import serve
from batched import classify, open_tokenizer
from shipped_weights import HEADS, read_weights

model = {}


def version():
    return {"version": f"ctranslate2 {ctranslate2.__version__}"}


def set_linear(spec, weight, bias):
    """CTranslate2 has weights as [outputs, inputs]."""
    spec.weight, spec.bias = np.ascontiguousarray(weight.T), bias


def set_norm(spec, weights, name):
    spec.gamma, spec.beta = weights[f"{name}.gamma"], weights[f"{name}.beta"]


def spec_of(weights, layers):
    """The encoder, as CTranslate2's converter of BERT makes it."""
    encoder = transformer_spec.TransformerEncoderSpec(
        layers,
        HEADS,
        pre_norm=False,
        activation=common_spec.Activation.GELU,
        layernorm_embedding=True,
        num_source_embeddings=1,
    )
    encoder.scale_embeddings = False
    (embeddings,) = encoder.embeddings
    embeddings.weight = weights["words"]
    encoder.position_encodings.encodings = weights["positions"]
    set_norm(encoder.layernorm_embedding, weights, "bert.embeddings.LayerNorm")
    for index, layer in enumerate(encoder.layer):
        prefix = f"bert.encoder.layer.{index}"

        def part(name):
            return weights[f"{prefix}.{name}.weight"], weights[f"{prefix}.{name}.bias"]

        set_linear(layer.self_attention.linear[0], *part("attention.self"))
        set_linear(layer.self_attention.linear[1], *part("attention.output.dense"))
        set_norm(layer.self_attention.layer_norm, weights, f"{prefix}.attention.output.LayerNorm")
        set_linear(layer.ffn.linear_0, *part("intermediate.dense"))
        set_linear(layer.ffn.linear_1, *part("output.dense"))
        set_norm(layer.ffn.layer_norm, weights, f"{prefix}.output.LayerNorm")
    return transformer_spec.TransformerEncoderModelSpec(encoder)


def load(folder, graph, maxLength, labels, calibration=()):
    weights, layers = read_weights(folder, graph)
    spec = spec_of(weights, layers)
    tokenizer = open_tokenizer(folder, maxLength)
    spec.register_vocabulary([tokenizer.id_to_token(index) for index in range(tokenizer.get_vocab_size())])
    spec.config.unk_token = "[UNK]"
    spec.validate()
    spec.optimize(quantization="int8")
    with tempfile.TemporaryDirectory() as made:
        spec.save(made)
        encoder = ctranslate2.Encoder(made, device="cpu", compute_type="int8", intra_threads=1, inter_threads=1)
    head = weights["classifier.weight"].T.copy(), weights["classifier.bias"]
    model.update(tokenizer=tokenizer, encoder=encoder, labels=labels, head=head)
    return {}


def logits_of(encodings):
    ids = [encoding.ids for encoding in encodings]
    states = np.asarray(model["encoder"].forward_batch(ids).last_hidden_state)
    lengths = np.array([len(row) for row in ids])
    mask = (np.arange(states.shape[1]) < lengths[:, None]).astype(np.float32)
    mean = np.einsum("nl,nlw->nw", mask / lengths[:, None], states)
    return mean @ model["head"][0] + model["head"][1]


def run(texts, batchSize, budget):
    return classify(texts, batchSize, budget, model["tokenizer"], model["labels"], logits_of)


serve({"version": version, "load": load, "run": run})
