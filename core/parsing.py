"""Reading what a browser says it was given: anything at all may stand in a request."""

MAX_DIGITS = 18  # fits a bigint; Python refuses to read thousands of digits


def whole_number(text: str) -> int | None:
    """The number that `text` writes in plain digits, None for every other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else None
