"""An invocation of the article's function: loads the model, then predicts. python cold_invocation.py FOLDER < texts"""

import json
import sys
from pathlib import Path

import joblib


def invocation(folder, texts):
    vectorizer = joblib.load(folder / "vectorizer.joblib")
    classifier = joblib.load(folder / "classifier.joblib")
    return list(classifier.predict(vectorizer.transform(texts)))


if __name__ == "__main__":
    print(json.dumps(invocation(Path(sys.argv[1]), json.load(sys.stdin))))
