"""Answers questions with Hugging Face's pipeline: a request and an answer are lines of JSON."""

import json
import sys
import warnings
from pathlib import Path

import onnxruntime
import torch
from transformers import AutoConfig, AutoModelForQuestionAnswering, AutoTokenizer, pipeline
from transformers.modeling_outputs import QuestionAnsweringModelOutput


def open_graph(file):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def open_pipeline(folder, graph, has_weights):
    """The pipeline with the model of a folder, or with its graph in place of the network where it has no other weights."""
    session = open_graph(Path(folder) / graph)
    names = [each.name for each in session.get_inputs()]

    def forward(**inputs):
        start, end = session.run(["start_logits", "end_logits"], {name: inputs[name].numpy() for name in names})
        return QuestionAnsweringModelOutput(start_logits=torch.from_numpy(start), end_logits=torch.from_numpy(end))

    tokenizer = AutoTokenizer.from_pretrained(folder)
    # What the model was exported with: transformers 5 does not read it from files of transformers 4.
    tokenizer.model_input_names = names
    if has_weights:
        model = AutoModelForQuestionAnswering.from_pretrained(folder)
    else:
        model = AutoModelForQuestionAnswering.from_config(AutoConfig.from_pretrained(folder))
        model.forward = forward
    return pipeline("question-answering", model=model.eval(), tokenizer=tokenizer, device="cpu")


def main():
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    answer = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "open":
                answer = open_pipeline(request["folder"], request["graph"], request["hasWeights"])
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
