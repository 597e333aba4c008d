"""A writing transaction's turn: writers queue up at the one row of `state`, so numbers and times are in order."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .pulse import announce
from .schema import state
from .times import change_time

IDLE_SECONDS = 60  # after which PostgreSQL ends a turn in which nothing happens: its process hangs, and all wait

_TURN = sa.select(state).with_for_update()
_BOUNDED_TURN = _TURN.add_columns(sa.func.set_config("idle_in_transaction_session_timeout", f"{IDLE_SECONDS}s", True))
_END = state.update()
_FIRST = sa.text("INSERT INTO state (id, revision, changed, last_seq) VALUES (1, 0, 0, 0) ON CONFLICT DO NOTHING")


class Turn:
    """What a writing transaction takes at its beginning, and gives back by `end`.

    `time` (microseconds) is when its changes count as made.
    """

    def __init__(self, connection: Connection, now: int) -> None:
        turn = _BOUNDED_TURN if connection.dialect.name == "postgresql" else _TURN
        row = connection.execute(turn).first()
        if row is None:  # an empty store; two processes may find it so at once, and one waits here for the other
            connection.execute(_FIRST)
            row = connection.execute(turn).one()
        self._connection = connection
        self._revision: int = row.revision
        self._last_seq: int = row.last_seq
        # Never back: readers stop at what they know, so what is filed later must stand later. `now` is from before
        # the wait for this turn, and may come from another machine's clock.
        self.time = max(change_time(now, row.changed), row.changed + 1)

    def number(self) -> int:
        """A number for a new article, greater than all before."""
        self._last_seq += 1
        return self._last_seq

    def end(self, *, changed: bool) -> None:
        """Give the turn back; `changed` tells whether any feed looks different now."""
        values: dict[str, int] = {"last_seq": self._last_seq}
        if changed:
            values |= {"revision": self._revision + 1, "changed": self.time}
        self._connection.execute(_END, values)
        if changed:
            announce(self._connection, self._revision + 1)
