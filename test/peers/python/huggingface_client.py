"""Hugging Face's client for Python, unchanged, as a peer: it asks a server that we run.

- `version`
- `classify {url, text, parameters, token}` -> `labels`, or `refused`: what the client says of the error
- `answer {url, question, context, parameters}` -> `answers`, likewise
"""

import huggingface_hub
from answers import serve
from huggingface_hub import InferenceClient
from huggingface_hub.errors import HfHubHTTPError


def version():
    return {"version": f"huggingface_hub {huggingface_hub.__version__}"}


def classify(url, text, parameters=None, token=None):
    try:
        labels = InferenceClient(model=url, token=token).text_classification(text, **(parameters or {}))
    except HfHubHTTPError as error:
        return {"refused": str(error), "status": error.response.status_code}
    return {"labels": [{"label": one.label, "score": one.score} for one in labels]}


def answer(url, question, context, parameters=None):
    try:
        said = InferenceClient(model=url).question_answering(question, context, **(parameters or {}))
    except HfHubHTTPError as error:
        return {"refused": str(error), "status": error.response.status_code}
    spans = said if isinstance(said, list) else [said]
    return {"answers": [{key: span[key] for key in ("answer", "score", "start", "end")} for span in spans]}


serve({"version": version, "classify": classify, "answer": answer})
