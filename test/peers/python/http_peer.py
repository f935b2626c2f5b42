"""FastAPI and uvicorn with Python's ONNX Runtime, as one would write it by hand, on one thread: a text a request.

    python http_peer.py PORT SETTINGS

SETTINGS is JSON: `labels`, `graph`, and for a transformer `tokenizer` and `maxLength`; without a tokenizer the graph
takes the text itself. `handler`: `loop` answers on the event loop, `pool` on FastAPI's pool of threads.
"""

import json
import sys

import numpy as np
import onnxruntime
import orjson
import tokenizers
import uvicorn
from fastapi import FastAPI, Response
from pydantic import BaseModel


class Parameters(BaseModel):
    top_k: int = 5


class Request(BaseModel):
    inputs: str
    parameters: Parameters = Parameters()


def opened(graph):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def of_strings(settings):
    """A pipeline of scikit-learn as one graph: text -> probabilities."""
    session = opened(settings["graph"])
    (given,) = session.get_inputs()
    shape = (1,) * len(given.shape)

    def scores_of(text):
        return session.run(["probabilities"], {given.name: np.full(shape, text, dtype=object)})[0][0]

    return scores_of


def of_tokens(settings):
    """A transformer: text -> probabilities, by the softmax of its logits."""
    session = opened(settings["graph"])
    names = [given.name for given in session.get_inputs()]
    tokenizer = tokenizers.Tokenizer.from_file(settings["tokenizer"])
    tokenizer.no_padding()
    tokenizer.enable_truncation(settings["maxLength"])

    def scores_of(text):
        encoding = tokenizer.encode(text)
        columns = {
            "input_ids": encoding.ids,
            "attention_mask": encoding.attention_mask,
            "token_type_ids": encoding.type_ids,
        }
        logits = session.run(["logits"], {name: np.array([columns[name]], np.int64) for name in names})[0][0]
        powers = np.exp(logits - logits.max())
        return powers / powers.sum()

    return scores_of


def api(settings):
    scores_of = (of_tokens if "tokenizer" in settings else of_strings)(settings)
    labels = settings["labels"]
    app = FastAPI()

    def answer(request):
        scores = scores_of(request.inputs)
        best = np.argsort(-scores, kind="stable")[: request.parameters.top_k]
        found = [[{"label": labels[index], "score": float(scores[index])} for index in best]]
        return Response(orjson.dumps(found), media_type="application/json")

    if settings["handler"] == "loop":

        @app.post("/")
        async def predict(request: Request):
            return answer(request)

    else:

        @app.post("/")
        def predict(request: Request):
            return answer(request)

    @app.get("/health")
    async def health():
        return {}

    return app


if __name__ == "__main__":
    port, settings = int(sys.argv[1]), json.loads(sys.argv[2])
    # uvicorn chooses uvloop and httptools where they are installed.
    uvicorn.run(api(settings), host="127.0.0.1", port=port, log_level="warning", access_log=False, timeout_keep_alive=75)
