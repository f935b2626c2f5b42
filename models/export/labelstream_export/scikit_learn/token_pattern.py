"""A token_pattern as labelstream takes it: a regular expression over kinds of characters, each kind a letter.

Python's own parser reads the pattern, and its own engine says which characters each class of it matches, so that every
class, with whatever flags, is exactly Python's.
"""

import re
from functools import lru_cache

import numpy as np

from labelstream_export.errors import ExportError
from labelstream_export.scikit_learn.characters import CHARACTERS, POINTS, set_of

try:
    from re import _compiler as compiler
    from re import _parser as parser
except ImportError:  # Python 3.10
    import sre_compile as compiler
    import sre_parse as parser

FIRST_LETTER = 0x41
SINGLE = {"LITERAL", "NOT_LITERAL", "ANY", "ANY_ALL", "IN"}
NEWLINE = parser.parse(r"\n")[0]
END = r"(?![\s\S])"
BEGINNING = r"(?<![\s\S])"

CURE = "write it without, or split texts with another pattern"


@lru_cache
def token_pattern(pattern):
    """The entry of a vectorizer's file. Raises ExportError where a part cannot be translated."""
    try:
        parsed = parser.parse(pattern)
    except re.error as error:
        raise ExportError(f"token_pattern {pattern!r} is no regular expression: {error}") from error
    if parsed.getwidth()[0] == 0:
        raise ExportError(
            f"token_pattern {pattern!r} matches the empty text; write one that does not (+ for *)"
        )
    return _Translation(pattern).of(parsed)


class _Translation:
    def __init__(self, pattern):
        self.pattern = pattern
        self.sets = {}

    def of(self, parsed):
        """The pattern with its kinds of characters: where each begins, and how the pattern names them."""
        written = self.sequence(parsed, parsed.state.flags)
        # Characters are of one kind where they are in the same sets; those in none come first.
        kinds = np.zeros(POINTS, np.int64)
        for _, members in self.sets.values():
            kinds = np.unique(kinds * 2 + members, return_inverse=True)[1]
        letters = [
            "".join(_letter(kind) for kind in np.unique(kinds[members])) for _, members in self.sets.values()
        ]
        starts = np.flatnonzero(np.diff(kinds, prepend=-1))
        return {
            "starts": starts.tolist(),
            "kinds": kinds[starts].tolist(),
            "pattern": re.sub(r"\0(\d+)\0", lambda match: f"[{letters[int(match[1])]}]", written),
        }

    def refuse(self, what):
        return ExportError(
            f"token_pattern {self.pattern!r} has {what}, which labelstream does not know; {CURE}"
        )

    def class_of(self, item, flags):
        """The placeholder of the set of characters that an item of one character matches."""
        key = (repr(item), flags)
        if key not in self.sets:
            state = parser.State()
            state.str = None
            state.flags = flags
            compiled = compiler.compile(parser.SubPattern(state, [item]), flags)
            self.sets[key] = (len(self.sets), set_of(compiled.findall(CHARACTERS)))
        return f"\0{self.sets[key][0]}\0"

    def sequence(self, items, flags):
        return "".join(self.item(item, flags) for item in items)

    def item(self, item, flags):
        op, argument = str(item[0]), item[1]
        if op in SINGLE:
            return self.class_of(item, flags)
        if op in ("MAX_REPEAT", "MIN_REPEAT"):
            return self.repeat(argument, flags) + ("?" if op == "MIN_REPEAT" else "")
        if op == "BRANCH":
            return "(?:" + "|".join(self.sequence(each, flags) for each in argument[1]) + ")"
        if op == "SUBPATTERN":
            group, added, removed, inside = argument
            # ASCII and UNICODE exclude each other.
            kept = flags & ~(re.ASCII | re.UNICODE) if added & (re.ASCII | re.UNICODE) else flags
            written = self.sequence(inside, (kept | added) & ~removed)
            return f"({'?:' if group is None else ''}{written})"
        if op in ("ASSERT", "ASSERT_NOT"):
            return self.lookaround(op, argument, flags)
        if op == "AT":
            return self.position(str(argument), flags)
        raise self.refuse(op.lower().replace("_", " "))

    def repeat(self, argument, flags):
        least, most, inside = argument
        if most > 1 and _has_group(inside):
            raise self.refuse("a capturing group within a repeat")
        upper = "" if most == parser.MAXREPEAT else int(most)
        return f"(?:{self.sequence(inside, flags)}){{{int(least)},{upper}}}"

    def lookaround(self, op, argument, flags):
        direction, inside = argument
        if _has_group(inside):
            raise self.refuse("a capturing group within a lookaround")
        sign = ("<" if direction < 0 else "") + ("=" if op == "ASSERT" else "!")
        return f"(?{sign}{self.sequence(inside, flags)})"

    def position(self, where, flags):
        newline = self.class_of(NEWLINE, 0)
        of_lines = flags & re.MULTILINE
        if where == "AT_BEGINNING":
            return f"(?:{BEGINNING}|(?<={newline}))" if of_lines else BEGINNING
        if where == "AT_END":
            return f"(?:{END}|(?={newline}))" if of_lines else f"(?={newline}?{END})"
        if where in ("AT_BEGINNING_STRING", "AT_END_STRING"):
            return BEGINNING if where == "AT_BEGINNING_STRING" else END
        word = self.class_of(parser.parse(r"\w")[0], flags & re.ASCII or re.UNICODE)
        if where == "AT_BOUNDARY":
            return f"(?:(?<={word})(?!{word})|(?<!{word})(?={word}))"
        if where == "AT_NON_BOUNDARY":
            return f"(?:(?<={word})(?={word})|(?<!{word})(?!{word}))"
        raise self.refuse(where.lower().replace("_", " "))


def _letter(kind):
    return f"\\u{FIRST_LETTER + kind:04x}"


def _has_group(items):
    for op, argument in items:
        name = str(op)
        if name == "SUBPATTERN" and (argument[0] is not None or _has_group(argument[3])):
            return True
        if name == "BRANCH" and any(_has_group(each) for each in argument[1]):
            return True
        if name in ("MAX_REPEAT", "MIN_REPEAT") and _has_group(argument[2]):
            return True
    return False
