"""How a file's bytes were understood: encoding, kind of front matter, fields. Pure."""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass

from ..models import Entry, FieldValue, Problem
from ..sources import is_whole
from ..sources.decode import clean, decode
from ..sources.handlers import HexoJsonFrontMatter, JsonFrontMatter, TomlFrontMatter, YamlFrontMatter, handler_for

# Codec → what people call it, for what this program reads. The first under which the bytes say what was read is it.
_ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-32": "UTF-32",
    "gb18030": "GB18030 (Chinese)",
    "big5hkscs": "Big5 (Chinese)",
    "euc_jp": "EUC-JP (Japanese)",
    "cp932": "Shift JIS (Japanese)",
    "cp949": "EUC-KR (Korean)",
    "cp1252": "Windows-1252 (Western)",
}
_KINDS = {
    YamlFrontMatter: "YAML, closed by a line ---",
    TomlFrontMatter: "TOML, between lines +++",
    HexoJsonFrontMatter: "JSON, closed by a line ;;;",
    JsonFrontMatter: "JSON, in braces",
}


@dataclass(frozen=True, slots=True)
class Intake:
    """How a file was read. `front_matter` is "" where there is none; `body` counts characters; `size` bytes.

    `whole` tells that the text is complete in shape, so that a scan need not wait for its writer to finish.
    """

    size: int
    encoding: str
    front_matter: str
    fields: Mapping[str, FieldValue] | None
    body: int
    whole: bool
    problems: tuple[Problem, ...]


def take_in(data: bytes, entry: Entry | Problem) -> Intake:
    """How these bytes became this entry, or a problem."""
    decoded = decode(data)
    text = "" if isinstance(decoded, Problem) else decoded.text.lstrip()
    encoding = "" if isinstance(decoded, Problem) else _encoding(data, decoded.text)
    kind = _KINDS[type(handler)] if text and (handler := handler_for(text, 1)) else ""
    if isinstance(entry, Problem):
        return Intake(len(data), encoding, kind, None, 0, False, (entry,))
    return Intake(len(data), encoding, kind, entry.fields, len(entry.body), is_whole(entry), entry.problems)


def _encoding(data: bytes, text: str) -> str:
    name = next((name for codec, name in _ENCODINGS.items() if _reads(data, codec) == text), "another one, guessed")
    return f"{name} with a byte order mark" if data.startswith(codecs.BOM_UTF8) else name


def _reads(data: bytes, codec: str) -> str:
    return clean(data.decode(codec, "replace")).replace("\r\n", "\n").replace("\r", "\n")
