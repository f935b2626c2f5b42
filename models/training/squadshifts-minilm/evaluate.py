"""Measures the model in float32 and int8 by SQuAD's official rules, on XQuAD and on the paragraphs held out.

    python evaluate.py [--data FOLDER] [--test FILE] [--work FOLDER] [--model FOLDER] [--sample N]

The answers are those of `npm run batch`, which reads questions as the function does. --sample: only every N-th held-out
paragraph. Writes evaluation.json to the work folder, for export.py.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
from answers import measure
from data import ROOT, SOURCES, questions_of, read_paragraphs, read_split
from files import digests, write_json
from minilm.folder import GRAPH

FLOAT_GRAPH = "onnx/model.onnx"


def make_float_model(model, graph, out):
    """Makes a model's folder like another one, with a graph in float32 in place of its own."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(model, out, ignore=shutil.ignore_patterns("onnx", "examples.json"))
    (out / FLOAT_GRAPH).parent.mkdir()
    shutil.copy(graph, out / FLOAT_GRAPH)
    manifest = json.loads((out / "model.json").read_text())
    files = [FLOAT_GRAPH if file == GRAPH else file for file in manifest["files"]]
    write_json(out / "model.json", manifest | {"graph": FLOAT_GRAPH, "files": digests(out, files)})


def answers_of(models, name, questions, work):
    """The answer to each question, of a model in a folder of models, by its own command."""
    file, out = work / "questions.jsonl", work / "answers"
    shutil.rmtree(out, ignore_errors=True)
    with file.open("w", encoding="utf-8") as lines:
        for index, question in enumerate(questions):
            line = {"id": str(index), "question": question.text, "context": question.context}
            lines.write(json.dumps(line) + "\n")
    command = [ROOT / "node_modules/.bin/node", ROOT / "src/tools/commands/batch.ts", "--quiet"]
    places = ["--input", file, "--output", out, "--models", models, "--model", name, "--id-column", "id"]
    subprocess.run([str(word) for word in command + places], check=True, cwd=ROOT)
    found = {}
    for path in out.rglob("*.out"):
        for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
            answer = json.loads(line)
            found[int(answer["recordId"])] = answer["answer"]
    return [found[index] for index in range(len(questions))]


def main():
    """Measures both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/squadshifts")
    parser.add_argument("--test", type=Path, default=ROOT.parent / "shared/data/xquad/xquad.en.json")
    parser.add_argument("--work", type=Path, default=ROOT / ".build/squadshifts-minilm")
    parser.add_argument("--model", type=Path, default=ROOT / "models/squadshifts-minilm/1")
    parser.add_argument("--sample", type=int, default=1)
    arguments = parser.parse_args()
    work, model = arguments.work.resolve(), arguments.model.resolve()
    name, version = model.parts[-2:]
    make_float_model(model, work / "float32.onnx", work / "float32" / name / version)
    folders = {"float32": work / "float32", "int8": model.parents[1]}

    held_out = read_split(arguments.data)
    sets = {"xquad": questions_of(read_paragraphs(arguments.test))}
    sets |= {source: questions_of(held_out[source][1][:: arguments.sample]) for source in SOURCES}
    everything = [question for questions in sets.values() for question in questions]
    answers = {kind: answers_of(folder, name, everything, work) for kind, folder in folders.items()}
    found, first = {}, 0
    for source, questions in sets.items():
        found[source] = {"questions": len(questions)}
        for kind in folders:
            exact, overlap = measure(questions, answers[kind][first : first + len(questions)])
            found[source][kind] = {"exactMatch": round(exact, 2), "f1": round(overlap, 2)}
        print(source, found[source], flush=True)
        first += len(questions)
    (work / "evaluation.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main()
