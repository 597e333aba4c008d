"""The language that titles are written in, as far as their script tells. Pure."""

import re
from collections import Counter
from collections.abc import Iterable

# In this order: Japanese has Chinese characters too, and every script has Latin words in it.
_SCRIPTS = {
    "ja": re.compile("[\u3041-\u30fa]"),
    "ko": re.compile("[\uac00-\ud7a3]"),
    "zh": re.compile("[\u3400-\u9fff]"),
    "ru": re.compile("[\u0400-\u04ff]"),
    "el": re.compile("[\u0370-\u03ff]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "ar": re.compile("[\u0600-\u06ff]"),
    "hi": re.compile("[\u0900-\u097f]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "en": re.compile("[A-Za-z]"),
}
_ENOUGH_KANA = 0.2  # of the titles with Chinese characters: headlines can do without kana, a newspaper cannot


def language_of(titles: Iterable[str]) -> str | None:
    """A BCP 47 tag for most of the titles, None when they hold no letters. Latin script counts as English."""
    kept = list(titles)
    counts = Counter(name for title in kept if (name := _script(title)))
    if not counts:
        return None
    if counts["ja"] >= _ENOUGH_KANA * (counts["ja"] + counts["zh"]):
        counts["ja"] += counts.pop("zh", 0)
    language = counts.most_common(1)[0][0]
    return _chinese("".join(kept)) if language == "zh" else language


def _script(title: str) -> str | None:
    return next((name for name, letters in _SCRIPTS.items() if letters.search(title)), None)


def _chinese(text: str) -> str:
    """Whether Chinese is simplified or traditional: each has an older character set that lacks the other's."""
    balance = sum(_has(char, "gb2312") - _has(char, "big5") for char in text)
    return "zh-CN" if balance >= 0 else "zh-TW"


def _has(char: str, charset: str) -> int:
    try:
        char.encode(charset)
    except UnicodeEncodeError:
        return 0
    return 1
