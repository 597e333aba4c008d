"""Work that has nothing to do with this project, of the kinds that it does: what other work is compared with.

Another build of Python, of lxml or of SQLite makes this dearer or cheaper by about as much as everything else. Never
change it: every record would lose its meaning.
"""

import gzip
import hashlib
import json
import re
import sqlite3
from dataclasses import dataclass
from html import escape
from urllib.parse import quote, urljoin

from lxml import etree, html

ROUNDS = 8
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Note:
    """Something to make many of."""

    number: int
    title: str
    text: str


def work() -> None:
    """About 260 million instructions, half of them Python's own."""
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE notes (number INTEGER PRIMARY KEY, title TEXT, text TEXT)")
        database.execute("CREATE INDEX by_title ON notes (title)")
        for number in range(ROUNDS):
            note = _note(number)
            database.execute("INSERT INTO notes VALUES (?, ?, ?)", (note.number, note.title, _through_html(note)))
            database.execute(
                "SELECT * FROM notes WHERE title > ? ORDER BY title LIMIT 5", (note.title[:9],)
            ).fetchall()
        rows = [Note(*row) for row in database.execute("SELECT number, title, text FROM notes ORDER BY title")]
    database.close()
    gzip.compress(_feed(rows), 6)


def _note(number: int) -> Note:
    words = [f"word{(number * 31 + index * index) % 997}" for index in range(300)]
    return Note(number, f"Title {words[number % 7]} {number}", " ".join(words))


def _through_html(note: Note) -> str:
    counts: dict[str, int] = {}
    for word in WORD.findall(note.text):
        counts[word] = counts.get(word, 0) + 1
    paragraphs = (f"<p>{escape(word)} <b>{count}</b></p>" for word, count in sorted(counts.items()))
    tree = html.fromstring(f"<div>{''.join(paragraphs)}</div>")
    for index, element in enumerate(tree.iter("b")):
        element.set("title", urljoin("http://reference.example/a/", quote(f"é {index % 5}")))
    return etree.tostring(tree, encoding="unicode")


def _feed(notes: list[Note]) -> bytes:
    items = [{"id": hashlib.sha256(note.text.encode()).hexdigest(), **vars(note)} for note in notes]
    assert json.loads(json.dumps(items))[0]["title"] == notes[0].title
    return json.dumps(items, ensure_ascii=False).encode()
