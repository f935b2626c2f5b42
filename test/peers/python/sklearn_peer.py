"""The article's design: a scikit-learn model in joblib files, loaded inside every invocation; and the same model warm.

`words` is TF-IDF over words with a linear support vector machine, as in the article; `characters` has the features of
our own classical model, 1-4-grams of characters."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import joblib
import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from answers import lists_of, serve
from cold_invocation import invocation

VECTORIZERS = {
    "words": lambda: TfidfVectorizer(),
    "characters": lambda: TfidfVectorizer(analyzer="char", ngram_range=(1, 4), min_df=3),
}

folder = tempfile.TemporaryDirectory(prefix="labelstream-article-")
warm = {}


def version():
    return {"version": f"scikit-learn {sklearn.__version__}, joblib {joblib.__version__}"}


def train(texts, labels, kind):
    vectorizer, classifier = VECTORIZERS[kind](), LinearSVC(random_state=0)
    classifier.fit(vectorizer.fit_transform(texts), labels)
    warm[kind] = (vectorizer, classifier)
    target = Path(folder.name) / kind
    target.mkdir(exist_ok=True)
    joblib.dump(vectorizer, target / "vectorizer.joblib")
    joblib.dump(classifier, target / "classifier.joblib")
    size = sum(file.stat().st_size for file in target.iterdir())
    return {"features": len(vectorizer.vocabulary_), "bytes": size}


def run(texts, batchSize, kind):
    """Warm: the model is in memory."""
    vectorizer, classifier = warm[kind]
    started = time.perf_counter()
    for batch in lists_of(texts, batchSize):
        classifier.predict(vectorizer.transform(batch))
    return {"ms": (time.perf_counter() - started) * 1000}


def invoke(texts, batchSize, kind):
    """Each batch is an invocation in this process, which has its packages in memory, and loads the model."""
    started = time.perf_counter()
    for batch in lists_of(texts, batchSize):
        invocation(Path(folder.name) / kind, batch)
    return {"ms": (time.perf_counter() - started) * 1000}


def invoke_cold(texts, kind):
    """One invocation in a new process, as on a cold Lambda."""
    script = Path(__file__).with_name("cold_invocation.py")
    command = [sys.executable, str(script), str(Path(folder.name) / kind)]
    started = time.perf_counter()
    subprocess.run(command, input=json.dumps(texts), text=True, check=True, stdout=subprocess.DEVNULL)
    return {"ms": (time.perf_counter() - started) * 1000}


serve({"version": version, "train": train, "run": run, "invoke": invoke, "invokeCold": invoke_cold})
