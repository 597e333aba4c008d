"""How long PostgreSQL is waited for.

The system gives a connection up whose other end is gone (see engine). It does not where somebody between them, or the
server itself, still takes what is sent and does not answer: then a wait has no end, unless it is bounded here.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

ASKING = 5.0  # seconds for a question that is answered at once, such as for the revision
READING = 10.0  # seconds for what a page needs, whatever the store holds

_limit: ContextVar[float | None] = ContextVar("limit", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Within it, a connection of `bound` is given up that does not answer for so long; an outer limit goes first."""
    token = _limit.set(min(seconds, _limit.get() or seconds))
    try:
        yield
    finally:
        _limit.reset(token)


def bound(engine: Engine) -> None:
    """Let an engine's connections to PostgreSQL know the limit."""
    import psycopg  # not needed where the store is a file

    class Bounded(psycopg.Connection[Any]):
        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            limit = _limit.get()
            if limit is None:
                return super().wait(gen, interval, timeout)
            began = time.monotonic()
            try:
                return super().wait(gen, interval, limit if timeout is None else min(limit, timeout))
            except psycopg.Error as error:
                if time.monotonic() - began < limit:
                    raise
                self.pgconn.finish()  # an answer that comes now would be taken for that to another question
                raise psycopg.OperationalError(f"the server did not answer for {limit:g} s") from error

    @event.listens_for(engine, "do_connect")
    def _connect(dialect: sa.Dialect, record: Any, words: list[Any], options: dict[str, Any]) -> Any:  # noqa: ARG001
        return Bounded.connect(*words, **options)
