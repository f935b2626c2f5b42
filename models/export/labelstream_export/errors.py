"""What a user can mend, or has to know."""


class ExportError(Exception):
    """There is nothing to export, or no way to. The message says what to do instead."""


class DifferenceError(ExportError):
    """The model was made, and says something else than what it was made of."""
