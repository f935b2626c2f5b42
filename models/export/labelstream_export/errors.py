"""Errors that the user can fix, or has to know."""


class ExportError(Exception):
    """The model cannot be exported. The message has instructions."""


class DifferenceError(ExportError):
    """The exported model gives other answers than the original."""
