"""The same work at every run, to be counted: `python -m benchmarks.counted FOLDER`, under callgrind (see check).

Between two pieces of work it calls getpgid, which tells callgrind to begin a new count.
"""

import io
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from aggregator.config import load_config
from aggregator.ingest import scan
from aggregator.routing import Router
from aggregator.store import Store
from benchmarks import reference
from benchmarks.corpus import write_corpus
from feeds import create_app

FILES = 40
NOW = datetime(2026, 11, 20, tzinfo=UTC)
CONFIG = "sources:\n  - {title: All, path: articles, split_by: author}\n"
FEED = "/latest.atom"
AGAIN = 100
REFERENCE = "reference"


class Work:
    """The pieces of work, on a store of their own."""

    def __init__(self, root: Path) -> None:
        (root / "config.yaml").write_text(CONFIG, encoding="utf-8")
        self._articles = root / "articles"
        self._config = load_config(root / "config.yaml", {})
        self._store = Store(self._config.store)
        self._router = Router(self._config)
        self._started = 0
        self.write_more()
        self.scan()  # all is imported and compiled after this
        self._app = create_app(self._config, self._store)

    def write_more(self) -> None:
        """New files; the writing is not counted."""
        write_corpus(self._articles, FILES, start=self._started)
        self._started += FILES
        for file in self._articles.rglob("*.md"):
            os.utime(file, (NOW.timestamp() - 60, NOW.timestamp() - 60))

    def scan(self) -> None:
        """Scan the folder."""
        for folder in self._router.folders():
            scan(self._store, self._router, folder, lambda: NOW)

    def ask(self, tag: str = "") -> str:
        """Ask for a feed, with an ETag or without; returns its ETag."""
        told: list[tuple[str, list[tuple[str, str]]]] = []
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": FEED,
            "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "HTTP_ACCEPT_ENCODING": "gzip",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr,
        }
        environ |= {"HTTP_IF_NONE_MATCH": tag} if tag else {}
        list(self._app(environ, lambda *given: told.append(given[:2])))  # type: ignore[arg-type, return-value]
        (status, headers), *_ = told
        assert status.startswith("304" if tag else "200")
        return dict(headers)["ETag"]


def main(root: Path) -> None:
    """Do each piece of work once between two marks; names go to standard output."""
    reference.work()  # so that nothing is imported or compiled while it is counted
    _count([(REFERENCE, reference.work)])
    work = Work(root)
    work.ask()
    work.write_more()
    pieces: list[tuple[str, Callable[[], object]]] = [
        (f"{FILES} new files", work.scan),
        (f"scan of {2 * FILES} known files", work.scan),
        ("feed after a change", work.ask),
        (f"{AGAIN} times the same feed", lambda: [work.ask() for _ in range(AGAIN)]),
    ]
    _count(pieces)
    tag = work.ask()
    work.ask(tag)
    _count([(f"{AGAIN} times 304", lambda: [work.ask(tag) for _ in range(AGAIN)])])


def _count(pieces: list[tuple[str, Callable[[], object]]]) -> None:
    for name, piece in pieces:
        os.getpgid(0)
        piece()
        os.getpgid(0)
        print(name, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
