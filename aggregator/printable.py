"""Texts that come from outside, on a terminal or in a log, which must not obey what stands in them."""

JOINERS = "\u200c\u200d"  # within emoji and Indic words; they do no harm


def printable(text: str, *, keep: str = JOINERS) -> str:
    """The text with control characters, half surrogates and marks that turn lines round by their number.

    Characters in `keep` stay as they are.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in keep else f"\\u{ord(char):04x}" for char in text)
