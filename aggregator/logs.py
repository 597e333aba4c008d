"""Log lines: one an event, on standard error, in UTC, as text for people or as JSON for machines.

    2026-11-21T03:00:00Z WARNING source=zaker file=a.md the date cannot be read
    {"time": "2026-11-21T03:00:00.000Z", "level": "WARNING", "logger": "aggregator.report", "message": …}

An event says where it belongs by fields: `log.warning("…", extra={"source": slug, "file": path})`. What others wrote
cannot forge a line: control characters are escaped. Passwords in addresses are masked, wherever they come from.

The environment carries the format and the level, so that web workers log as the process that started them does.
"""

import json
import logging
import os
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

FORMAT, LEVEL = "AGGREGATOR_LOG_FORMAT", "AGGREGATOR_LOG_LEVEL"
FORMATS = ("text", "json")
LEVELS = ("debug", "info", "warning", "error")

# What an event may say about where it belongs, in the order in which it is printed.
FIELDS = ("source", "feed", "folder", "file", "field", "line", "method", "route", "path", "status", "ms")

OURS = ("aggregator", "feeds")  # whose events are told by the level; libraries are heard from "warning" on
FRAMES = 8  # of a traceback in a text line, the innermost
MAX_TEXT = 4_000  # characters of a message or a field: a database's complaint may quote whole articles
MAX_TRACEBACK = 20_000

# Control characters, line separators, marks that turn the direction of writing, halves of characters.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_PLAIN = re.compile(r"[^\s\"'=]+")
_SECRETS = (
    # The password of an address. Digits and a slash are a port, with an @ behind it in the path; the word itself is
    # an example in a remedy.
    (re.compile(r"(://[^\s:/@\"']*):(?!password@|\d{1,5}[/?#])[^\s\"'<>]*@"), r"\1:***@"),
    (re.compile(r"(?i)\b(password|passwd|pwd|secret|token)=[^\s&\"',;]+"), r"\1=***"),
)


@contextmanager
def logging_as(form: str, level: str) -> Iterator[None]:
    """Log as one of FORMATS and from one of LEVELS on, in this process and those that it starts, until the block
    ends."""
    wanted = {FORMAT: form, LEVEL: level}
    before = {name: os.environ.get(name) for name in wanted}
    root = logging.getLogger()
    handlers, levels = root.handlers[:], {name: logging.getLogger(name).level for name in (None, *OURS)}
    os.environ.update(wanted)
    try:
        start()
        yield
    finally:
        root.handlers[:] = handlers
        for name, old in levels.items():
            logging.getLogger(name).setLevel(old)
        for variable, value in before.items():
            if value is None:
                os.environ.pop(variable, None)
            else:
                os.environ[variable] = value


def start() -> None:
    """Log as the environment says: AGGREGATOR_LOG_FORMAT (text), AGGREGATOR_LOG_LEVEL (info)."""
    level = logging.getLevelNamesMapping()[_chosen(LEVEL, LEVELS, "info").upper()]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JSON() if _chosen(FORMAT, FORMATS, "text") == "json" else _Text())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))
    for name in OURS:
        logging.getLogger(name).setLevel(level)


def one_line(text: str) -> str:
    """A text in which nothing ends a line, moves the cursor, or gives away a password."""
    return _UNSAFE.sub(_escaped, _told(text))


def _escaped(found: re.Match[str]) -> str:
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(found[0]) or (
        f"\\x{ord(found[0]):02x}" if ord(found[0]) < 256 else f"\\u{ord(found[0]):04x}"
    )


def _chosen(variable: str, choices: tuple[str, ...], default: str) -> str:
    value = os.environ.get(variable, "").lower()
    return value if value in choices else default


def _fields(record: logging.LogRecord) -> Mapping[str, object]:
    found = {name: getattr(record, name, None) for name in FIELDS}
    return {name: value for name, value in found.items() if value not in (None, "")}


class _Text(logging.Formatter):
    """Time, level, fields, message; an exception as one more field behind it."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        fields = [f"{name}={_value(value)}" for name, value in _fields(record).items()]
        parts = [moment, record.levelname, *fields, one_line(record.getMessage())]
        if record.exc_info and record.exc_info[1]:
            parts.append(f"error={_value(_cause(record.exc_info[1]))}")
        return " ".join(parts)


class _JSON(logging.Formatter):
    """An object of texts and numbers; the traceback is one text with its lines."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        event: dict[str, object] = {
            "time": moment.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": _told(record.getMessage()),
        }
        for name, value in _fields(record).items():
            event[name] = value if isinstance(value, int | float) else _told(str(value))
        if record.exc_info and (error := record.exc_info[1]):
            event["error"] = _told("".join(traceback.format_exception_only(error)).strip())
            event["traceback"] = _told("".join(traceback.format_exception(error)), MAX_TRACEBACK)
        # Some of these are legal within JSON, and ends of lines to whoever splits lines by Unicode's rules.
        text = json.dumps(event, ensure_ascii=False)
        return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _told(text: str, limit: int = MAX_TEXT) -> str:
    """What may be said of a text: no passwords, and no more than `limit` characters."""
    text = text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"
    for secret, mask in _SECRETS:
        text = secret.sub(mask, text)
    return text


def _value(value: object) -> str:
    text = one_line(str(value))
    return text if _PLAIN.fullmatch(text) else '"' + text.replace('"', '\\"') + '"'


def _cause(error: BaseException) -> str:
    """An exception with where it came from and what it came of, without the lines of a traceback."""
    text = "".join(traceback.format_exception_only(error)).strip()
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    if frames:
        places = (f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
        text += f" (at {', in '.join(places)})"
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{text}; caused by {_cause(cause)}" if cause else text
