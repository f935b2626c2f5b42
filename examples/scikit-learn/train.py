"""Trains a text classifier on the lines of messages.csv and saves it as pipeline.joblib."""

import csv
from pathlib import Path

import joblib
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

HERE = Path(__file__).parent

with open(HERE / "messages.csv", encoding="utf-8", newline="") as file:
    rows = list(csv.DictReader(file))

pipeline = make_pipeline(
    TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
    LogisticRegression(C=10),
)
pipeline.fit([row["text"] for row in rows], [row["intent"] for row in rows])
joblib.dump(pipeline, HERE / "pipeline.joblib")
