"""Answers questions with Hugging Face's pipeline: a request and an answer are lines of JSON."""

import json
import sys
import warnings
from pathlib import Path

import onnxruntime
import torch
from transformers import AutoConfig, AutoModelForQuestionAnswering, AutoTokenizer, pipeline
from transformers.modeling_outputs import QuestionAnsweringModelOutput


def through_graph(model, file):
    """The model with the graph in place of its network, where a folder has no weights but those of the graph."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]

    def forward(**inputs):
        start, end = session.run(["start_logits", "end_logits"], {name: inputs[name].numpy() for name in names})
        return QuestionAnsweringModelOutput(start_logits=torch.from_numpy(start), end_logits=torch.from_numpy(end))

    model.forward = forward
    return model


def open_pipeline(folder, graph):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    if graph is None:
        model = AutoModelForQuestionAnswering.from_pretrained(folder)
    else:
        model = AutoModelForQuestionAnswering.from_config(AutoConfig.from_pretrained(folder))
        model = through_graph(model, str(Path(folder) / graph))
    return pipeline("question-answering", model=model.eval(), tokenizer=tokenizer, device="cpu")


def main():
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    answer = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "open":
                answer = open_pipeline(request["folder"], request.get("graph"))
                result = {}
            else:
                with torch.no_grad():
                    result = {
                        "answers": [
                            [said] if isinstance(said, dict) else said
                            for said in (answer(**one, **request["parameters"]) for one in request["inputs"])
                        ]
                    }
        except Exception as error:  # noqa: BLE001 - it is the answer
            result = {"refused": f"{type(error).__name__}: {error}"}
        print(json.dumps(result), flush=True)


main()
