"""Which characters are for reading."""

import re

# No controls but tab and line feed, no surrogates, noncharacters, U+FFFD; nothing unseen that turns text round.
_ASTRAL = "".join(f"{chr(plane)}-{chr(plane + 0xFFFD)}" for plane in range(0x10000, 0x110000, 0x10000))
_PRINTABLE = re.compile(
    "[\t\n -~\xa0-\xac\xae-\u200a\u200c-\u2029\u202f-\u205f\u2061-\u2065\u206a-\ud7ff\ue000-\ufdcf\ufdf0-\ufefe"
    f"\uff00-\ufffc{_ASTRAL}]*+"
)


def is_printable(text: str) -> bool:
    """Tell quickly whether all characters are printable, and so legal in every feed, as they are in most texts."""
    return _PRINTABLE.fullmatch(text) is not None
