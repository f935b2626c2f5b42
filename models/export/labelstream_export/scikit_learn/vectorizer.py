"""A CountVectorizer or TfidfVectorizer as a file that labelstream reads."""

import json

from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfVectorizer,
)

from labelstream_export.errors import ExportError
from labelstream_export.scikit_learn.characters import lowercase, strip_accents
from labelstream_export.scikit_learn.token_pattern import token_pattern

CURES = {
    "tokenizer": "use token_pattern, which may be any regular expression",
    "preprocessor": "use lowercase and strip_accents, or preprocess texts before they are written to the table",
    "analyzer": "use 'word', 'char' or 'char_wb'",
}


def is_vectorizer(estimator):
    return isinstance(estimator, (CountVectorizer, HashingVectorizer))


def width_of(vectorizer):
    """The number of columns of a vectorizer. Raises ExportError where it cannot be exported."""
    check(vectorizer)
    return len(vectorizer.vocabulary_)


def check(vectorizer):
    """Raises ExportError, with instructions, where labelstream does not support an option of a vectorizer."""
    name = type(vectorizer).__name__
    if isinstance(vectorizer, HashingVectorizer):
        raise ExportError(f"{name} has no vocabulary and a million columns; use a TfidfVectorizer")
    if type(vectorizer) not in (CountVectorizer, TfidfVectorizer):
        raise ExportError(
            f"{name} is a vectorizer of your own, whose code labelstream cannot run; use scikit-learn's with token_pattern"
        )
    for parameter, cure in CURES.items():
        if callable(getattr(vectorizer, parameter)):
            raise ExportError(f"{name} has a function as {parameter}, which labelstream cannot run; {cure}")
    if vectorizer.input != "content":
        raise ExportError(
            f"{name} reads files (input={vectorizer.input!r}); train it on texts, input='content'"
        )
    if not hasattr(vectorizer, "vocabulary_"):
        raise ExportError(f"{name} is not fitted; fit the pipeline before it is saved")


def vectorizer_file(vectorizer):
    """The content of the file, JSON in bytes. Raises ExportError where it cannot be one."""
    check(vectorizer)
    words = vectorizer.analyzer == "word"
    stop_words = vectorizer.get_stop_words() if words else None
    columns = sorted(vectorizer.vocabulary_.items(), key=lambda item: item[1])
    settings = {
        "analyzer": vectorizer.analyzer,
        "ngram_range": [int(n) for n in vectorizer.ngram_range],
        "binary": bool(vectorizer.binary),
        "lowercase": lowercase() if vectorizer.lowercase else None,
        "strip_accents": strip_accents(vectorizer.strip_accents) if vectorizer.strip_accents else None,
        "token_pattern": token_pattern(vectorizer.token_pattern) if words else None,
        "stop_words": sorted(stop_words or ()),
        "vocabulary": [ngram for ngram, _ in columns],
    }
    lines = (f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in settings.items())
    content = "{\n" + ",\n".join(lines) + "\n}\n"
    try:
        return content.encode()
    except UnicodeEncodeError as error:
        raise ExportError(
            "a vocabulary holds half a character (a lone surrogate), which no text has"
        ) from error
