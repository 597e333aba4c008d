"""From bytes to text: encoding, line ends, characters that no feed may hold."""

import codecs
import re
from typing import NamedTuple

from aggregator.characters import is_printable
from aggregator.models import Problem
from aggregator.sources.charsets import plausible

_BOMS = (  # longest first: UTF-32's little-endian mark begins like UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 32_768  # bytes that are looked at to tell an encoding
_MAX_CONTROLS = 0.01  # share of control bytes above which it is no text
_CONTROLS = bytes({*range(0x20), 0x7F} - set(b"\t\n\r\f\x1a\x1b"))

# XML 1.0 section 2.2, the control characters it discourages (YAML forbids them), and byte order marks within.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_ALL_LEGAL = re.compile("[\t\n\r -~\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*+")  # in half the time

NOT_TEXT = Problem("the file is binary, not text: remove it, or leave it out with the source's `exclude`")


class Decoded(NamedTuple):
    """Clean text with `\\n` line ends; `problem` when the encoding had to be guessed, or bytes did not fit.

    `printable` tells that all its characters are (see characters).
    """

    text: str
    problem: Problem | None = None
    printable: bool = False


def decode(data: bytes) -> Decoded | Problem:
    """Return the text of a file, or a Problem when it is binary or in no known encoding."""
    found = _decoded(data)
    if isinstance(found, Problem):
        return found
    if is_printable(found.text):
        return Decoded(found.text, found.problem, printable=True)
    return Decoded(_line_feeds(clean(found.text)), found.problem)


def clean(text: str) -> str:
    """Drop the characters that XML 1.0 does not allow or discourages."""
    return text if _ALL_LEGAL.fullmatch(text) else _ILLEGAL.sub("", text)


def _line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _decoded(data: bytes) -> Decoded | Problem:
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return _as(data[len(bom) :], codec)
    try:
        return Decoded(data.decode())
    except UnicodeDecodeError:
        sample = data[:_SAMPLE]
    if _has_controls(sample):
        return NOT_TEXT
    if _is_mostly_utf8(sample):
        return _as(data, "utf-8")
    if usual := plausible(sample):
        return _as(data, usual)
    return _guessed(data, sample)


def is_binary(data: bytes) -> bool:
    """Whether a file is no text, though its bytes can be read as one: zeros, or the fields of some program.

    To be asked of a file in which nothing was found: an article with a few stray bytes is an article.
    """
    return not data.startswith(tuple(bom for bom, _ in _BOMS)) and _has_controls(data[:_SAMPLE])


def _has_controls(sample: bytes) -> bool:
    return len(sample.translate(None, _CONTROLS)) < len(sample) * (1 - _MAX_CONTROLS) or b"\0" in sample


def _is_mostly_utf8(sample: bytes) -> bool:
    """A slip in a UTF-8 text (a title cut amid a character) does not make it one of another encoding."""
    text = sample.decode(errors="replace")
    bad = text.count("�")
    return len(text) - len(text.encode("ascii", "ignore")) >= 3 * bad


def _as(data: bytes, codec: str) -> Decoded:
    try:
        return Decoded(data.decode(codec))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"some bytes are not {codec} and read as �, the first in this line: save the file as UTF-8"
        return Decoded(data.decode(codec, "replace"), Problem(message, line=line))


def _guessed(data: bytes, sample: bytes) -> Decoded | Problem:
    from charset_normalizer import from_bytes  # few files need it, and every process would load it

    best = from_bytes(sample).best()
    if best is None:
        return Problem("the file is in no known encoding: save it as UTF-8")
    message = f"the file is not UTF-8; its encoding was guessed as {best.encoding}: save it as UTF-8"
    return Decoded(_as(data, best.encoding).text, Problem(message))
