"""Documents put together of fragments: an article's element is made once, and kept for all feeds that hold it.

articles ─ which are not at hand? ─▶ a document of those ─▶ its head, their elements, its tail
                                                             └─ with those at hand ─▶ the whole document
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import NamedTuple, TypeVar

MAX_BYTES = 16 * 2**20  # per process

Entry = TypeVar("Entry")


class Marks(NamedTuple):
    """How a format's documents are cut: where an element begins and ends, and what follows the last of them.

    None of these can be in a text, where `<` is always escaped.
    """

    begin: bytes
    end: bytes
    tail: bytes


class Fragments:
    """Elements by what they are made of; the least recently used go first. Thread safe."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> bytes | None:
        """What is kept under a key."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: Hashable, fragment: bytes) -> None:
        """Keep a fragment."""
        with self._lock:
            self._bytes += len(fragment) - len(self._kept.get(key, b""))
            self._kept[key] = fragment
            while self._bytes > self._max_bytes:
                self._bytes -= len(self._kept.popitem(last=False)[1])


def assemble(
    kept: Fragments,
    marks: Marks,
    entries: Sequence[tuple[Hashable, Entry]],
    render: Callable[[Sequence[Entry]], bytes],
) -> bytes:
    """The document of all entries, by key, as `render` would make it; it is asked for those that are not kept."""
    found = [kept.get(key) for key, _ in entries]
    missing = [entry for (_, entry), fragment in zip(entries, found, strict=True) if fragment is None]
    head, made, tail = _cut(render(missing), marks)
    new = iter(made)
    whole = [fragment or next(new) for fragment in found]
    for (key, _), fragment, old in zip(entries, whole, found, strict=True):
        if old is None:
            kept.put(key, fragment)
    return b"".join([head, *whole, tail])


def _cut(document: bytes, marks: Marks) -> tuple[bytes, list[bytes], bytes]:
    tail = document.rindex(marks.tail)
    begin = document.find(marks.begin)
    if begin < 0:
        return document[:tail], [], document[tail:]
    parts = document[begin:tail].split(marks.end)
    return document[:begin], [part + marks.end for part in parts[:-1]], document[tail:]
