"""Makes a model's folder of a trained network: an int8 graph, its tokenizer, its manifest."""

import json

import numpy as np
import torch

from banking77.calibration import examples_of, fit_temperature, report
from banking77.distil import tokenizer_of
from banking77.graph import save_graph
from banking77.inference import feeds_of, logits_of, transformer_probabilities
from banking77.messages import EXAMPLES, SOURCE, read_test, read_training, split
from banking77.network import Classifier, keep_layers, keep_tokens, predict
from files import digests, write_json
from minilm.folder import GRAPH, save_tokenizer
from minilm.graph import count_layers
from minilm.quantize import quantize

CALIBRATION_TEXTS = 1000
HEADS = 12


def load_network(path, classes):
    """A network with as many layers and tokens as its saved weights have."""
    state = torch.load(path)
    network = Classifier(classes)
    keep_layers(network, range(count_layers(state)))
    keep_tokens(network, range(len(state["bert.embeddings.word_embeddings.weight"])))
    network.load_state_dict(state)
    return network


def write_manifest(name, metrics, out):
    """Writes model.json, with the digests of the files it needs."""
    manifest = {
        "name": name,
        "version": "1",
        "format": "transformer",
        "task": "text-classification",
        "attribute": "label",
        "files": digests(out, ["config.json", GRAPH, "tokenizer.json", "tokenizer_config.json"]),
        "license": "Apache-2.0",
        "data": SOURCE,
        "metrics": metrics,
    }
    write_json(out / "model.json", manifest)


def export(name, arguments):
    """Exports, quantises, measures and writes the folder of a model that distil.py has trained.

    arguments: the folders `data`, `work` and `out`
    """
    data, work, out = arguments.data, arguments.work, arguments.out
    (out / GRAPH).parent.mkdir(parents=True, exist_ok=True)
    texts, classes, targets = read_training(data)
    test_texts, test_labels = read_test(data)
    tokenizer, _ = tokenizer_of(name, texts)
    encodings, test = tokenizer(texts)["input_ids"], tokenizer(test_texts)["input_ids"]

    temperature = fit_temperature(np.load(work / f"{name}-part.npy"), targets[split(targets)[1]])
    print(f"temperature {temperature:.4f}")
    network = load_network(work / f"{name}-all.pt", len(classes))
    with torch.no_grad():
        network.classifier.weight /= temperature
        network.classifier.bias /= temperature
    tensors = {key: values.numpy() for key, values in network.state_dict().items()}
    float_graph = work / f"{name}.onnx"
    save_graph(float_graph, tensors, HEADS)
    apart = np.abs(logits_of(float_graph, test[:100]) - predict(network, test[:100])).max()
    if apart > 1e-4:
        raise SystemExit(f"the graph differs from the network by up to {apart}")
    every = len(encodings) // CALIBRATION_TEXTS
    some = encodings[::every][:CALIBRATION_TEXTS]
    quantize(
        lambda path, layers: save_graph(path, tensors, HEADS, layers),
        lambda path: logits_of(path, some),
        float_graph,
        list(feeds_of(some)),
        out / GRAPH,
    )

    save_tokenizer(
        tokenizer,
        out,
        architectures=["BertForSequenceClassification"],
        problem_type="single_label_classification",
        num_hidden_layers=network.bert.config.num_hidden_layers,
        vocab_size=network.bert.config.vocab_size,
        id2label={str(index): label for index, label in enumerate(classes.tolist())},
        label2id={label: index for index, label in enumerate(classes.tolist())},
    )
    metrics = report(transformer_probabilities(out, test_texts), classes, test_labels)
    correct = logits_of(float_graph, test).argmax(axis=1) == np.searchsorted(classes, test_labels)
    metrics["accuracyFloat32"] = round(float(correct.mean()), 4)
    write_json(out / "examples.json", examples_of(EXAMPLES, transformer_probabilities(out, list(EXAMPLES)), classes))
    curves = {part: json.loads((work / f"{name}-{part}.json").read_text()) for part in ("all", "part")}
    write_json(out / "curves.json", curves)
    write_manifest(name, metrics, out)
