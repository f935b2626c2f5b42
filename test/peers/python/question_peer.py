"""Answers questions with Hugging Face's pipeline, on one thread.

- `version`
- `open {folder, graph, hasWeights}`: the model of a folder; its graph takes the place of the network where the folder has
  no other weights
- `open_random {folder}`: a network of the architecture that the folder's config.json tells, in PyTorch with random
  weights: its speed says something, its answers nothing
- `answer {inputs, parameters}`: for each question and context, the answers
- `run {inputs, batchSize}`: the same, all at once, in milliseconds
"""

import time
import warnings
from pathlib import Path

import onnxruntime
import torch
import transformers
from transformers import AutoConfig, AutoModelForQuestionAnswering, AutoTokenizer, pipeline
from transformers.modeling_outputs import QuestionAnsweringModelOutput

from answers import serve

warnings.simplefilter("ignore")
torch.set_num_threads(1)
opened = {}


def version():
    return {"version": f"transformers {transformers.__version__}, torch {torch.__version__}"}


def random_network(folder):
    return AutoModelForQuestionAnswering.from_config(AutoConfig.from_pretrained(folder))


def use(network, folder, input_names=None):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    # What the model was exported with: transformers 5 does not read it from files of transformers 4.
    if input_names is not None:
        tokenizer.model_input_names = input_names
    opened["pipeline"] = pipeline(
        "question-answering", model=network.eval(), tokenizer=tokenizer, device="cpu"
    )
    return {}


def open_model(folder, graph, hasWeights):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    # As in our sessions: otherwise int8 sums overflow where a CPU has no VNNI.
    options.add_session_config_entry("session.x64quantprecision", "1")
    session = onnxruntime.InferenceSession(
        str(Path(folder) / graph), options, providers=["CPUExecutionProvider"]
    )
    names = [each.name for each in session.get_inputs()]

    def forward(**inputs):
        given = {name: inputs[name].numpy() for name in names}
        start, end = session.run(["start_logits", "end_logits"], given)
        return QuestionAnsweringModelOutput(
            start_logits=torch.from_numpy(start), end_logits=torch.from_numpy(end)
        )

    if hasWeights:
        network = AutoModelForQuestionAnswering.from_pretrained(folder)
    else:
        network = random_network(folder)
        network.forward = forward
    return use(network, folder, names)


def open_random(folder):
    transformers.logging.set_verbosity_error()
    return use(random_network(folder), folder)


def answer(inputs, parameters):
    with torch.no_grad():
        answers = [opened["pipeline"](**one, **parameters) for one in inputs]
    return {"answers": [[said] if isinstance(said, dict) else said for said in answers]}


def run(inputs, batchSize):
    questions, contexts = ([one[key] for one in inputs] for key in ("question", "context"))
    started = time.perf_counter()
    with torch.no_grad():
        opened["pipeline"](question=questions, context=contexts, batch_size=batchSize)
    return {"ms": (time.perf_counter() - started) * 1000}


serve({"version": version, "open": open_model, "open_random": open_random, "answer": answer, "run": run})
