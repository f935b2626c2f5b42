"""Counts of n-grams as scikit-learn makes them, and the vectorizer as a file: a request and an answer are lines of JSON."""

import hashlib
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "models" / "export"))

from labelstream_export.scikit_learn.vectorizer import vectorizer_file
from sklearn.feature_extraction.text import CountVectorizer


def main():
    for line in sys.stdin:
        request = json.loads(line)
        options = request["options"]
        options["ngram_range"] = tuple(options.get("ngram_range", (1, 1)))
        vectorizer = CountVectorizer(**options)
        try:
            counts = vectorizer.fit_transform(request["texts"])
            content = vectorizer_file(vectorizer)
        except Exception as error:  # noqa: BLE001 - it is the answer
            print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
            continue
        Path(request["file"]).write_bytes(content)
        bounds = zip(counts.indptr, counts.indptr[1:])
        rows = [sorted(zip(counts.indices[a:b].tolist(), counts.data[a:b].tolist())) for a, b in bounds]
        print(json.dumps({"sha256": hashlib.sha256(content).hexdigest(), "rows": rows}), flush=True)


main()
