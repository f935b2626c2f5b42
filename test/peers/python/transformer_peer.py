"""Makes random transformers and exports them: a request and an answer are lines of JSON. While it exports one it asks
what labelstream says of texts, and waits for the answer."""

import json
import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "models" / "export"))

import random_questions
import transformer_folders
from labelstream_export.project import Reply
from labelstream_export.transformer.export import export


def say(answer):
    print(json.dumps(answer), flush=True)


def ask(_project, model, texts, labels):
    """What labelstream says, which whoever asks for the export is asked in turn."""
    say({"question": {"model": model, "texts": texts, "labels": labels}})
    answers = json.loads(sys.stdin.readline())["said"]
    return [Reply(one.get("label"), dict(one.get("scores", [])), one.get("failed")) for one in answers]


def main():
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "make":
                transformer_folders.save(request["family"], request["texts"], request["folder"])
                say({})
            elif request["do"] == "make-answerer":
                random_questions.save(request["family"], request["texts"], request["folder"])
                say({})
            else:
                options = request["options"]
                say(
                    {
                        "lines": list(
                            export(request["model"], Path(request["project"]), request["name"], **options, ask=ask)
                        )
                    }
                )
        except Exception as error:  # noqa: BLE001 - it is the answer
            say({"refused": f"{type(error).__name__}: {error}"})


main()
