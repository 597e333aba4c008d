"""Texts that come from outside, on a terminal or in a log, which must not obey what stands in them."""

JOINERS = "\u200c\u200d"  # within emoji and Indic words; they do no harm


def printable(text: str, *, keep: str = JOINERS) -> str:
    """The text with control characters, half surrogates and marks that turn lines round by their number.

    Characters in `keep` stay as they are.
    """
    if text.isprintable():
        return text
    unfit = [ord(char) for char in set(text) if not char.isprintable() and char not in keep]
    return text.translate({code: f"\\u{code:04x}" for code in unfit})
