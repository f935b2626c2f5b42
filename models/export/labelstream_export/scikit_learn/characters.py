"""The character data of this Python, as tables: its Unicode is the one that the model was trained with."""

import sys
import unicodedata
from functools import lru_cache

import numpy as np

from labelstream_export.errors import ExportError

POINTS = sys.maxunicode + 1
SURROGATES = range(0xD800, 0xE000)
CHARACTERS = "".join(chr(point) for point in range(POINTS) if point not in SURROGATES)

SIGMA = "Σ"
HANGUL = range(0xAC00, 0xD7A4)

# labelstream's white space: src/models/vectorizer/white-space.ts.
WHITE_SPACE = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"


def set_of(characters):
    """A set of characters as an array of truth values, one per code point."""
    members = np.zeros(POINTS, bool)
    members[[ord(character) for character in characters]] = True
    return members


def bounds(members):
    """The alternating starts and ends of a set's ranges: [first, end, first, end, …]."""
    changes = np.flatnonzero(np.diff(members, prepend=False, append=False))
    return changes.tolist()


@lru_cache
def lowercase():
    """str.lower: a map of characters, and the sets that identify a sigma at the end of a word."""
    _check_white_space()
    changed = {c: c.lower() for c in CHARACTERS if c != SIGMA and c.lower() != c}

    def ends_word(before):
        return (before + SIGMA).lower()[-1] == "ς"

    cased = [c for c in CHARACTERS if ends_word(c)]
    # A character with case that is not before it is not skipped.
    skipped = set(c for c in CHARACTERS if ends_word("A" + c)) - set(cased)
    return {"map": changed, "cased": bounds(set_of(cased)), "ignorable": bounds(set_of(skipped))}


@lru_cache
def strip_accents(kind):
    """scikit-learn's strip_accents, which is done character by character."""
    beyond_ascii = [c for c in CHARACTERS if c > "\x7f"]
    if kind == "ascii":
        stripped = {c: _ascii(c) for c in beyond_ascii}
        return {"map": {c: kept for c, kept in stripped.items() if kept}, "others": "drop"}
    # labelstream has a rule for Hangul syllables.
    stripped = {c: _unaccented(c) for c in beyond_ascii if ord(c) not in HANGUL}
    return {"map": {c: kept for c, kept in stripped.items() if kept != c}, "others": "decompose"}


def _ascii(character):
    return unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()


def _unaccented(character):
    return "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))


@lru_cache
def _check_white_space():
    if "".join(c for c in CHARACTERS if c.isspace()) != WHITE_SPACE:
        raise ExportError(
            "this Python takes other characters for white space than labelstream; use 3.10 to 3.14"
        )
