"""Which of the older encodings a text is in, judged by what it would say.

Statistical detection needs long texts and mistakes short Chinese ones for Korean or UTF-16. But a text that is read
in the wrong encoding is made of rare characters, and read in the right one of everyday characters; and every one of
these character sets keeps its everyday characters in one block.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import product

_ASCII = re.compile(r"[\x00-\x7f]+")
_KANA = re.compile("[\u3041-\u30fe]")
_ACCENTED = re.compile(rb"[\x80-\xff]+")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_WESTERN = re.compile("[À-ÖØ-öø-ÿ“”‘’„–—…•€™ŒœŠšŽž\u00a0]")

_MAX_BAD = 0.02  # share of undecodable bytes that is a slip, not a wrong encoding
_ENOUGH_KANA = 0.3  # Japanese prose has more; no other text read as Japanese comes near
_ENOUGH_HANGUL = 0.9
_ENOUGH_LETTERS = 8  # the least number that tells Korean: fewer Chinese characters could all lie in its block
_ENOUGH_COMMON = 0.7
_ENOUGH_WESTERN = 0.9
_MOST_ACCENTS = 0.35  # share of accented letters among the letters of a Western text
_ENOUGH_ALONE = 0.6  # share of them that stand between unaccented ones, where other scripts have runs of such bytes


def plausible(sample: bytes) -> str | None:
    """The codec in which these bytes (not UTF-8) make sense, or None when it is not one of the usual."""
    if _is_western(sample):
        return "cp1252"
    for codec in ("euc_jp", "cp932"):
        if _share(_KANA, _foreign(sample, codec)) >= _ENOUGH_KANA:
            return codec
    korean = _foreign(sample, "cp949")
    if len(korean) >= _ENOUGH_LETTERS and _share(_HANGUL, korean) >= _ENOUGH_HANGUL:
        return "cp949"
    shares = {codec: _share(_everyday(codec), _foreign(sample, codec)) for codec in ("gb18030", "big5hkscs")}
    chinese = max(shares, key=lambda codec: shares[codec])  # GB18030 when both are as good
    return chinese if shares[chinese] >= _ENOUGH_COMMON else None


def _foreign(sample: bytes, codec: str) -> str:
    """What is not ASCII in the sample, read with this codec; nothing when too much of it does not fit."""
    text = _ASCII.sub("", sample.decode(codec, "replace"))
    return text if text.count("�") <= max(1, len(text) * _MAX_BAD) else ""


def _share(everyday: re.Pattern[str], text: str) -> float:
    return len(everyday.findall(text)) / len(text) if text else 0.0


def _is_western(sample: bytes) -> bool:
    runs = _ACCENTED.findall(sample)
    if sum(len(run) == 1 for run in runs) < len(runs) * _ENOUGH_ALONE:
        return False
    accents = _foreign(sample, "cp1252")
    letters = sum(map(str.isalpha, sample.decode("cp1252", "replace")))
    return _share(_WESTERN, accents) >= _ENOUGH_WESTERN and len(accents) <= letters * _MOST_ACCENTS


@lru_cache
def _everyday(codec: str) -> re.Pattern[str]:
    """Punctuation, full-width forms, and the first level of Chinese characters; in GB18030 the traditional too."""
    simplified = _block("gb18030", (0xA1, 0xA3, *range(0xB0, 0xD8)), range(0xA1, 0xFF))
    traditional = _block("big5hkscs", range(0xA1, 0xC7), range(0x40, 0xFF))
    everyday = simplified + traditional if codec == "gb18030" else traditional
    return re.compile(f"[{re.escape(everyday)}]")


def _block(codec: str, rows: Iterable[int], cells: Iterable[int]) -> str:
    pairs = (bytes(pair) for pair in product(rows, cells))
    return "".join(pair.decode(codec, "ignore") for pair in pairs)
