"""Reads requests from standard input, a line of JSON each, and answers each with a line of JSON."""

import json
import sys
import traceback


def serve(tasks):
    """Answers until the input ends. `tasks`: by the name under `do`, functions from the request's other fields to the
    answer's."""
    output, sys.stdout = sys.stdout, sys.stderr  # standard output is for answers
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = tasks[request.pop("do")](**request)
        except Exception:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), file=output, flush=True)


def lists_of(texts, size):
    """The texts in lists of `size`, as batches of records come."""
    return [texts[start : start + size] for start in range(0, len(texts), size)]
