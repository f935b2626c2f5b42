"""Files that cannot be exported, and pipelines that can be and say something else."""

import pickle

import corpora
import joblib
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import VotingClassifier
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfVectorizer,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC, LinearSVC

TEXTS, LABELS = corpora.corpus("english", 60, "refused")


def split(text):
    return text.split()


class Stemmer(TfidfVectorizer):
    """A vectorizer of one's own."""

    def build_analyzer(self):
        return split


def shorter(texts):
    return [text[:20] for text in texts]


def fitted(*steps):
    return make_pipeline(*steps, LogisticRegression()).fit(TEXTS, LABELS)


PIPELINES = {
    "a dictionary": lambda: {"vectorizer": TfidfVectorizer()},
    "not fitted": lambda: make_pipeline(TfidfVectorizer(), LogisticRegression()),
    "no classifier": lambda: TfidfVectorizer().fit(TEXTS),
    "no vectorizer": lambda: LogisticRegression().fit([[0.0], [1.0]], ["a", "b"]),
    "a regression": lambda: make_pipeline(TfidfVectorizer(), LinearRegression()).fit(
        TEXTS, range(len(TEXTS))
    ),
    "clusters": lambda: make_pipeline(TfidfVectorizer(), KMeans(2)).fit(TEXTS),
    "hashes": lambda: fitted(HashingVectorizer(n_features=64)),
    "a tokenizer": lambda: fitted(CountVectorizer(tokenizer=split)),
    "a preprocessor": lambda: fitted(CountVectorizer(preprocessor=str.strip)),
    "an analyzer": lambda: fitted(CountVectorizer(analyzer=split)),
    "a vectorizer of one's own": lambda: fitted(Stemmer()),
    "a step before": lambda: fitted(FunctionTransformer(shorter), TfidfVectorizer()),
    "a pattern with a back-reference": lambda: fitted(CountVectorizer(token_pattern=r"(\w)\1|\w+")),
    "a pattern of nothing": lambda: fitted(CountVectorizer(token_pattern=r"\w*")),
    "a repeated group": lambda: fitted(CountVectorizer(token_pattern=r"(?:(\w)-?)+")),
    "no scores": lambda: make_pipeline(
        TfidfVectorizer(), VotingClassifier([("a", LogisticRegression()), ("b", MultinomialNB())])
    ).fit(TEXTS, LABELS),
    "several labels without names": lambda: make_pipeline(
        TfidfVectorizer(), OneVsRestClassifier(LogisticRegression())
    ).fit(*corpora.topics_of("english", 60, "refused")),
    "an empty label": lambda: make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(
        TEXTS, ["" if label == "card" else label for label in LABELS]
    ),
    "several columns": lambda: ColumnTransformer([("a", TfidfVectorizer(), 0), ("b", CountVectorizer(), 1)]),
    "folds that are not linear": lambda: CalibratedClassifierCV(
        make_pipeline(CountVectorizer(), MultinomialNB()), cv=2
    ).fit(TEXTS, LABELS),
    "votes of one against one": lambda: make_pipeline(
        TfidfVectorizer(), SVC(decision_function_shape="ovo")
    ).fit([*TEXTS, "four", "four more"], [*LABELS, "d", "d"]),
    "other numbers": lambda: make_pipeline(
        TfidfVectorizer(), KNeighborsClassifier(3, weights="distance")
    ).fit(TEXTS, LABELS),
    "calibrated by steps": lambda: make_pipeline(
        TfidfVectorizer(), CalibratedClassifierCV(LinearSVC(), method="isotonic", cv=3)
    ).fit(TEXTS, LABELS),
}


def several_columns():
    table = [[text, text] for text in TEXTS]
    return make_pipeline(PIPELINES["several columns"](), LogisticRegression()).fit(_objects(table), LABELS)


def _objects(table):
    import numpy

    return numpy.array(table, dtype=object)


def save(what, file):
    """Writes the file of a case."""
    if what == "no file":
        return
    if what == "no pickle":
        file.write_text("pipeline")
    elif what == "code that is not here":
        file.write_bytes(pickle.dumps(split).replace(b"refused", b"unheard"))
    else:
        joblib.dump(several_columns() if what == "several columns" else PIPELINES[what](), file)
