"""Texts on which an exported model is compared with the original: the user's samples, and hard ones."""

import csv
import json
from pathlib import Path

from labelstream_export.errors import ExportError

# Texts on which tokenizers differ: scripts, case, white space, repeats, marks, characters of several code points.
HARD_TEXTS = (
    "",
    " ",
    "\t\r\n\v\f\x1c\x85\u00a0\u2003\u3000",
    "a",
    "I a b c d 1 2 3",
    "no no no no NO No nO no",
    "the the cat sat on the the mat, the cat and not the dog",
    "  two  spaces   three \t tab\ttab \n\n lines\r\nend  ",
    "no\u00a0break\u00a0\u00a0space\u2003em\u3000wide\u200bzero\u200dwidth\ufeffmark",
    "don't can't I'm £5.00 $1,234.56 10% a@b.co http://x.y/z?q=1&r=2#s",
    "snake_case kebab-case CamelCase x_1 _y 3.14 1e-5 ½ ³ ① Ⅳ",
    "-_-/\\|~`^*+=<>{}()[]\"'’“”…—–•",
    "café CAFÉ cafe\u0301 naïve Å \u212b \u212a ﬁ ﬃ ẞ straße STRASSE",
    "İstanbul ISPARTA ıI i\u0307 DİYARBAKIR",
    "ΟΔΟΣ ΣΟΦΟΣ της Τράπεζας ς Σ ΑΣ. ΑΣΑ Σ\u0301",
    "Где моя карта? Я потерял КАРТУ, ёлка Ёлка й и\u0306",
    "我的卡在哪里？我丢了卡。",
    "カードを失くしました。ｶｰﾄﾞ ﾊ\uff9f",
    "카드를 잃어버렸어요 각 \u1100\u1161\u11a8",
    "मेरा कार्ड कहाँ है? क्षत्रिय ज़रूर १२३",
    "บัตรของฉันหาย น้ำ",
    "אבד לי הכרטיס فقدت بطاقتي ١٢٣ مُحَمَّد ﷺ",
    "👩‍👩‍👧‍👦 ❤️‍🔥 🇬🇧 👍🏽 💳 lost",
    "𝕬𝖇𝖈 Ａｂｃ \U00010400\U00010428 𠮷 \U0001e900\U0001e922",
    "e\u0323\u0302\u0301 \u0301 a\u0301\u0301\u0301 z" + "\u0300" * 20,
    "a\u0000b\u0000 \u0001c\u007fd\ufffde\ue000f",
    "x" * 300,
    "word " * 200,
)


def read_texts(file, column="text"):
    """The texts of a file: a line each (.txt), or a column (.csv, .jsonl). Raises ExportError where it has none."""
    path = Path(file)
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ExportError(f"{file} cannot be read: {error}") from error
    texts = list(_reader(path)(content, column, path))
    if not texts:
        raise ExportError(f"{file} holds no texts; give some that the model was not trained on")
    return texts


def _lines(content, _column, _path):
    """Lines as editors have them: other white space is part of a text."""
    lines = content.replace("\r\n", "\n").split("\n")
    return [line for line in lines if line != ""]


def _table(content, column, path):
    # Lines keep their ends, so that those within quotes stay.
    reader = csv.DictReader(f"{line}\n" for line in content.split("\n"))
    if column not in (reader.fieldnames or ()):
        raise ExportError(f"{path} has no column {column}; name one with --text-column")
    return [row[column] or "" for row in reader]


def _json_lines(content, column, path):
    for number, line in enumerate(content.split("\n"), 1):
        if line.strip() == "":
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ExportError(f"{path}, line {number}, is no JSON: {error}") from error
        if not isinstance(row, dict) or not isinstance(row.get(column), str):
            raise ExportError(f"{path}, line {number}, has no text {column}; name another with --text-column")
        yield row[column]


READERS = {".txt": _lines, ".csv": _table, ".jsonl": _json_lines, ".ndjson": _json_lines}


def _reader(path):
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise ExportError(f"{path} has an unsupported extension; give one of {', '.join(READERS)}")
    return reader
