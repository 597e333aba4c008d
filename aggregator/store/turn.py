"""A writing transaction's turn: writers queue up at the one row of `state`, so numbers and times are in order."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .schema import state
from .times import change_time


class Turn:
    """What a writing transaction takes at its beginning, and gives back by `end`.

    `time` (microseconds) is when its changes count as made.
    """

    def __init__(self, connection: Connection, now: int) -> None:
        row = connection.execute(sa.select(state).with_for_update()).first()
        if row is None:
            connection.execute(state.insert().values(id=1, revision=0, changed=0, last_seq=0))
        self._connection = connection
        self._revision: int = row.revision if row else 0
        self._last_seq: int = row.last_seq if row else 0
        self.time = change_time(now, row.changed if row else 0)

    def number(self) -> int:
        """A number for a new article, greater than all before."""
        self._last_seq += 1
        return self._last_seq

    def end(self, *, changed: bool) -> None:
        """Give the turn back; `changed` tells whether any feed looks different now."""
        values: dict[str, int] = {"last_seq": self._last_seq}
        if changed:
            values |= {"revision": self._revision + 1, "changed": self.time}
        self._connection.execute(state.update().values(**values))
