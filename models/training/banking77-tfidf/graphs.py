"""ONNX graphs of a character n-gram TF-IDF and a network of two layers, without a vector as wide as the
vocabulary.

The first layer over TF-IDF needs two sums over the n-grams of a text: of idf * weight for each hidden
unit, and of idf for the norm. A sum over occurrences needs no vector of counts: each position of the text
looks its n-grams up in a trie. The longest n-gram that starts at a position implies its prefixes, so
one row per position suffices, which holds the sums over that n-gram and its prefixes.

    characters.onnx  text [N] string         -> characters [N, L] int32   lower case, white space folded
    ngrams.onnx      characters [N, L] int32 -> ngrams [N, L] int32       longest n-gram, 0 = none
    classifier.onnx  ngrams [N, L] int32     -> probabilities [N, C] float32

Every name inside a graph bears the step's prefix, so that the graphs can be joined by concatenation.
"""

import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

IR_VERSION = 10
OPSETS = (("", 18), ("ai.onnx.ml", 2), ("com.microsoft", 1))
END = np.iinfo(np.int32).max
CODE_POINTS = [chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point <= 0xDFFF]


class Graph:
    """Collects the nodes and constants of one step under a prefix of its own."""

    def __init__(self, name):
        self.name, self.nodes, self.constants = name, [], {}

    def constant(self, value, dtype):
        """The name of an initializer with this value; equal small constants are stored once."""
        array = np.asarray(value, dtype)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self.constants:
            name = f"{self.name}/constant_{len(self.constants)}"
            self.constants[key] = numpy_helper.from_array(array, name)
        return self.constants[key].name

    def add(self, op, *inputs, output=None, domain="", **attributes):
        """Appends a node and returns the name of its output."""
        name = f"{self.name}/{op}_{len(self.nodes)}"
        output = output or f"{name}_output"
        self.nodes.append(
            helper.make_node(op, list(inputs), [output], name=name, domain=domain, **attributes)
        )
        return output

    def slice(self, tensor, starts, ends, axes):
        """Slices along some axes, given as lists."""
        return self.add(
            "Slice", tensor, *(self.constant(bounds, np.int64) for bounds in (starts, ends, axes))
        )

    def save(self, path, source, target):
        """Checks the graph and writes it; source and target are (name, type, shape)."""
        values = [helper.make_tensor_value_info(*value) for value in (source, target)]
        graph = helper.make_graph(
            self.nodes, self.name, values[:1], values[1:], list(self.constants.values())
        )
        opsets = [helper.make_opsetid(*opset) for opset in OPSETS]
        model = helper.make_model(graph, ir_version=IR_VERSION, opset_imports=opsets, producer_name="")
        onnx.checker.check_model(model)
        path.write_bytes(model.SerializeToString(deterministic=True))


TEXT = ("text", TensorProto.STRING, ["N"])
CHARACTERS = ("characters", TensorProto.INT32, ["N", "L"])
NGRAMS = ("ngrams", TensorProto.INT32, ["N", "L"])


def alphabet_of(vocabulary):
    """Ids for the characters of the vocabulary, the space last; 0 is every other character.

    White space comes after everything else, and one id before it is kept for white space that the
    vocabulary lacks.
    """
    characters = {gram for gram in vocabulary if len(gram) == 1}
    visible = sorted(c for c in characters if not c.isspace())
    spaces = sorted((c for c in characters if c.isspace()), key=lambda c: (c == " ", c))
    return {c: i for i, c in enumerate(visible, 1)} | {c: i for i, c in enumerate(spaces, len(visible) + 2)}


def save_characters(path, alphabet):
    """Text to character ids, in lower case and with white space folded.

    As in scikit-learn, two or more white space characters become one space. The map from strings to
    ids does the lower-casing, so no locale is involved.
    """
    other_space = min(i for c, i in alphabet.items() if c.isspace()) - 1
    ids = {c: alphabet.get(c.lower(), other_space if c.isspace() else 0) for c in CODE_POINTS}
    ids = {c: i for c, i in ids.items() if i}
    g = Graph("characters")
    # The padding is longer than a character, so that no text can hold it.
    strings = g.add(
        "Tokenizer",
        "text",
        domain="com.microsoft",
        mark=0,
        mincharnum=1,
        pad_value="<pad>",
        separators=[""],
    )
    encode = {"keys_strings": list(ids), "values_int64s": list(ids.values()), "default_int64": 0}
    encoded = g.add("LabelEncoder", strings, domain="ai.onnx.ml", **encode)
    raw = g.add("Cast", encoded, to=TensorProto.INT32)

    is_space = g.add("GreaterOrEqual", raw, g.constant(other_space, np.int32))
    follows_space = g.slice(g.add("Pad", is_space, g.constant([0, 1, 0, 0], np.int64)), [0], [-1], [1])
    drop = g.add("And", is_space, follows_space)
    kept = g.add("CumSum", g.add("Cast", g.add("Not", drop), to=TensorProto.INT32), g.constant(1, np.int64))
    places = g.add("Sub", kept, g.constant(1, np.int32))
    # A dropped character goes, as a space, where its run begins; having the highest id, it wins there.
    folded = g.add("Where", drop, g.constant(alphabet[" "], np.int32), raw)
    zero = helper.make_tensor("zero", TensorProto.INT32, [1], [0])
    empty = g.add("ConstantOfShape", g.add("Shape", raw), value=zero)
    g.add("ScatterElements", empty, places, folded, axis=1, reduction="max", output="characters")
    g.save(path, TEXT, CHARACTERS)


def number_ngrams(vocabulary, alphabet):
    """Ids for all n-grams of the vocabulary: the alphabet's, then those of length 2, 3 and so on."""
    longer = sorted((gram for gram in vocabulary if len(gram) > 1), key=lambda gram: (len(gram), gram))
    return alphabet | {gram: i for i, gram in enumerate(longer, max(alphabet.values()) + 1)}


def save_ngrams(path, alphabet, ngrams):
    """Character ids to the id of the longest known n-gram that starts at each position.

    One table per length leads from (n-gram of length n - 1, next character) to the n-gram of length n,
    or 0. It relies on every prefix of a known n-gram being known, which a minimum document frequency
    guarantees. Ids grow with length, so the longest is the highest.
    """
    g = Graph("ngrams")
    longest = max(map(len, ngrams))
    stride = max(alphabet.values()) + 1
    padded = g.add("Pad", "characters", g.constant([0, 0, 0, longest - 1], np.int64))
    found, below, rows = ["characters"], 0, stride
    for n in range(2, longest + 1):
        current = {gram: i for gram, i in ngrams.items() if len(gram) == n}
        table = np.zeros(rows * stride, np.int32)
        for gram, i in current.items():
            table[(ngrams[gram[:-1]] - below) * stride + alphabet[gram[-1]]] = i
        row = found[-1]
        if below:
            row = g.add("Max", g.add("Sub", row, g.constant(below, np.int32)), g.constant(0, np.int32))
        character = g.slice(padded, [n - 1], [n - longest or END], [1])
        cell = g.add("Add", g.add("Mul", row, g.constant(stride, np.int32)), character)
        found.append(g.add("Gather", g.constant(table, np.int32), cell))
        below, rows = min(current.values()) - 1, len(current) + 1
    g.add("Max", *found, output="ngrams")
    g.save(path, CHARACTERS, NGRAMS)


def save_classifier(path, ngrams, idf, weights, second, bias):
    """N-gram ids to probabilities: softmax(relu(sum(idf * weight) / sqrt(sum(idf))) @ second + bias).

    `idf` maps an n-gram to a number, `weights` to one number per hidden unit. Ids grow with length, so the row of its
    prefix is complete when an n-gram adds it to its own.
    """
    hidden, classes = second.shape
    width = -(-(hidden + 1) // 16) * 16  # whole cache lines: rows are fetched at random
    table = np.zeros((max(ngrams.values()) + 1, width))
    for gram, i in ngrams.items():
        table[i, : hidden + 1] = np.append(idf[gram] * weights[gram], idf[gram])
        if len(gram) > 1:
            table[i] += table[ngrams[gram[:-1]]]
    g = Graph("classifier")
    # A text's scores must not depend on its batch. One row more: ReduceSum and MatMul add a single row's terms in another
    # order. Columns in fours: ReduceSum adds four terms at a time, and those that are left over in another order, so that
    # a text would score otherwise where a longer one pads it.
    length = g.add("Shape", "ngrams", start=1)
    missing = g.add("Mod", g.add("Neg", length), g.constant([4], np.int64))
    pads = g.add("Concat", g.constant([0, 0, 1], np.int64), missing, axis=0)
    padded = g.add("Pad", "ngrams", pads)
    found = g.add("Gather", g.constant(table, np.float32), padded)
    sums = g.add("ReduceSum", found, g.constant([1], np.int64), keepdims=0)
    # A text without a known n-gram has sums of 0 and gets the bias.
    norm = g.slice(sums, [hidden], [hidden + 1], [1])
    norm = g.add("Sqrt", g.add("Max", norm, g.constant(1e-9, np.float32)))
    states = g.add("Relu", g.add("Div", g.slice(sums, [0], [hidden], [1]), norm))
    logits = g.add("Add", g.add("MatMul", states, g.constant(second, np.float32)), g.constant(bias, np.float32))
    g.add("Softmax", g.slice(logits, [0], [-1], [0]), axis=-1, output="probabilities")
    g.save(path, NGRAMS, ("probabilities", TensorProto.FLOAT, ["N", classes]))
