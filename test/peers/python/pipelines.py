"""Kinds of pipelines that people train on texts: each a function that gives an unfitted one."""

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import (
    ExtraTreesClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_extraction.text import (
    CountVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.linear_model import (
    LogisticRegression,
    Perceptron,
    RidgeClassifier,
    SGDClassifier,
)
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import BernoulliNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier


def dense(X):
    return X.toarray()


def logistic():
    return LogisticRegression(C=10, max_iter=1_000)


def union():
    return FeatureUnion(
        [
            ("words", TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)),
            ("characters", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4))),
            (
                "counts",
                Pipeline([("count", CountVectorizer(binary=True)), ("tfidf", TfidfTransformer(norm="l1"))]),
            ),
        ],
        transformer_weights={"words": 1.0, "characters": 0.5, "counts": 2.0},
    )


def column(of=0):
    return ColumnTransformer(
        [("text", TfidfVectorizer(), of), ("more", CountVectorizer(analyzer="char"), of)]
    )


# One label of several.
KINDS = {
    "tfidf, logistic regression": lambda: make_pipeline(TfidfVectorizer(), logistic()),
    "counts, tfidf, named steps": lambda: Pipeline(
        [("vect", CountVectorizer()), ("tfidf", TfidfTransformer(use_idf=False)), ("clf", logistic())]
    ),
    "counts alone": lambda: make_pipeline(CountVectorizer(), logistic()),
    "stop words and n-grams": lambda: make_pipeline(
        TfidfVectorizer(ngram_range=(1, 3), stop_words=["the", "не", "και", "の", "is", "я"]), logistic()
    ),
    "English stop words, n-grams of two": lambda: make_pipeline(
        TfidfVectorizer(ngram_range=(2, 2), stop_words="english"), logistic()
    ),
    "sublinear": lambda: make_pipeline(TfidfVectorizer(sublinear_tf=True, norm=None), logistic()),
    "sublinear, l1": lambda: make_pipeline(
        TfidfVectorizer(sublinear_tf=True, norm="l1", smooth_idf=False), logistic()
    ),
    "characters": lambda: make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(1, 4)), logistic()),
    "characters, case kept": lambda: make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(2, 3), lowercase=False, binary=True), logistic()
    ),
    "char_wb": lambda: make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5)), logistic()),
    "char_wb of every length": lambda: make_pipeline(
        CountVectorizer(analyzer="char_wb", ngram_range=(1, 9)), logistic()
    ),
    "accents stripped, unicode": lambda: make_pipeline(TfidfVectorizer(strip_accents="unicode"), logistic()),
    "accents stripped, ascii": lambda: make_pipeline(
        TfidfVectorizer(strip_accents="ascii", analyzer="char", ngram_range=(1, 2)), logistic()
    ),
    "a token pattern with one letter": lambda: make_pipeline(
        TfidfVectorizer(token_pattern=r"(?u)\b\w+\b"), logistic()
    ),
    "a token pattern with a group": lambda: make_pipeline(
        TfidfVectorizer(token_pattern=r"(?:^|\s)(?i:[€$£№]?)(\w[\w'’.,-]*|[^\w\s])(?=\s|$)"), logistic()
    ),
    "a token pattern of ASCII or signs": lambda: make_pipeline(
        CountVectorizer(token_pattern=r"(?i)[a-zßſ]{2,}?\B|[^\W\d_]+|\S", lowercase=False), logistic()
    ),
    "min_df, max_df, max_features": lambda: make_pipeline(
        TfidfVectorizer(min_df=2, max_df=0.8, max_features=40), logistic()
    ),
    "a vocabulary of one's own": lambda: make_pipeline(
        CountVectorizer(vocabulary=["card", "не", "κάρτα", "の", "no no"], ngram_range=(1, 2)), logistic()
    ),
    "union of vectorizers": lambda: make_pipeline(union(), logistic()),
    "columns, by number": lambda: make_pipeline(column(), logistic()),
    "linear SVM, raw": lambda: make_pipeline(TfidfVectorizer(), LinearSVC()),
    "linear SVM, calibrated": lambda: make_pipeline(
        TfidfVectorizer(), CalibratedClassifierCV(LinearSVC(), cv=3)
    ),
    "linear SVM, calibrated, no ensemble": lambda: make_pipeline(
        TfidfVectorizer(), CalibratedClassifierCV(LinearSVC(), cv=3, ensemble=False)
    ),
    "SVM with a kernel, raw": lambda: make_pipeline(TfidfVectorizer(), SVC()),
    "ridge": lambda: make_pipeline(TfidfVectorizer(), RidgeClassifier()),
    "SGD, hinge": lambda: make_pipeline(TfidfVectorizer(), SGDClassifier(random_state=0)),
    "SGD, logistic": lambda: make_pipeline(TfidfVectorizer(), SGDClassifier(loss="log_loss", random_state=0)),
    "perceptron": lambda: make_pipeline(CountVectorizer(), Perceptron(random_state=0)),
    "one versus the rest": lambda: make_pipeline(TfidfVectorizer(), OneVsRestClassifier(logistic())),
    "one versus the rest, raw": lambda: make_pipeline(TfidfVectorizer(), OneVsRestClassifier(LinearSVC())),
    "naive Bayes, multinomial": lambda: make_pipeline(CountVectorizer(), MultinomialNB()),
    "naive Bayes, complement": lambda: make_pipeline(TfidfVectorizer(), ComplementNB()),
    "naive Bayes, Bernoulli": lambda: make_pipeline(CountVectorizer(binary=True), BernoulliNB()),
    "naive Bayes, Gaussian": lambda: make_pipeline(
        CountVectorizer(), FunctionTransformer(dense), GaussianNB(var_smoothing=0.1)
    ),
    "forest": lambda: make_pipeline(CountVectorizer(), RandomForestClassifier(25, random_state=0)),
    "extra trees": lambda: make_pipeline(CountVectorizer(), ExtraTreesClassifier(10, random_state=0)),
    "tree": lambda: make_pipeline(CountVectorizer(), DecisionTreeClassifier(max_depth=6, random_state=0)),
    "network": lambda: make_pipeline(TfidfVectorizer(), MLPClassifier((16,), max_iter=150, random_state=0)),
    "SVD": lambda: make_pipeline(
        TfidfVectorizer(), TruncatedSVD(16, random_state=0), StandardScaler(), logistic()
    ),
    "selected features": lambda: make_pipeline(
        TfidfVectorizer(), SelectKBest(chi2, k=20), MaxAbsScaler(), logistic()
    ),
    "grid search": lambda: GridSearchCV(
        make_pipeline(TfidfVectorizer(), logistic()), {"tfidfvectorizer__ngram_range": [(1, 1), (1, 2)]}, cv=2
    ),
    "random search, in a pipeline": lambda: make_pipeline(
        make_union(CountVectorizer(), TfidfVectorizer(analyzer="char")),
        RandomizedSearchCV(logistic(), {"C": [1, 10]}, n_iter=2, cv=2, random_state=0),
    ),
    "votes": lambda: make_pipeline(
        TfidfVectorizer(), VotingClassifier([("a", logistic()), ("b", MultinomialNB())], voting="soft")
    ),
    "stack": lambda: make_pipeline(
        TfidfVectorizer(), StackingClassifier([("a", logistic()), ("b", MultinomialNB())], cv=2)
    ),
    "votes of pipelines": lambda: VotingClassifier(
        [
            ("a", make_pipeline(TfidfVectorizer(), logistic())),
            ("b", make_pipeline(CountVectorizer(analyzer="char_wb"), MultinomialNB())),
        ],
        voting="soft",
    ),
    "calibration of a pipeline": lambda: CalibratedClassifierCV(
        make_pipeline(TfidfVectorizer(), LinearSVC()), cv=3
    ),
}

# Of two labels, which are numbers or truth values.
TWO = {
    "logistic regression": lambda: make_pipeline(TfidfVectorizer(), logistic()),
    "linear SVM, raw": lambda: make_pipeline(TfidfVectorizer(), LinearSVC()),
    "linear SVM, calibrated": lambda: make_pipeline(
        TfidfVectorizer(), CalibratedClassifierCV(LinearSVC(), cv=2)
    ),
    "SVM with a kernel, raw": lambda: make_pipeline(CountVectorizer(), SVC(gamma=0.1)),
    "SGD": lambda: make_pipeline(CountVectorizer(), SGDClassifier(random_state=0)),
    "network": lambda: make_pipeline(TfidfVectorizer(), MLPClassifier((8,), max_iter=100, random_state=0)),
    "one versus the rest, raw": lambda: make_pipeline(TfidfVectorizer(), OneVsRestClassifier(LinearSVC())),
}

# Any number of labels.
ANY = {
    "one versus the rest": lambda: make_pipeline(TfidfVectorizer(), OneVsRestClassifier(logistic())),
    "one versus the rest, raw": lambda: make_pipeline(TfidfVectorizer(), OneVsRestClassifier(LinearSVC())),
    "an output per label": lambda: make_pipeline(CountVectorizer(), MultiOutputClassifier(logistic())),
    "network": lambda: make_pipeline(TfidfVectorizer(), MLPClassifier((8,), max_iter=100, random_state=0)),
    "forest": lambda: make_pipeline(CountVectorizer(), RandomForestClassifier(5, random_state=0)),
}

TWO_LABELS = {"int": np.array([3, 7, 3]), "bool": np.array([True, False, False])}
