"""Finding the members of custom feeds among the articles that were filed before the feeds were defined."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..models import Source, Subject
from .feeds import FeedKeeper, Feeds
from .rows import PUBLISHED, paths
from .schema import articles, scopes
from .scopes import SOURCES, ScopeKeeper
from .turn import Turn

CHUNK = 500  # articles judged in one transaction, so that other writers never wait long
AT_ONCE = 20  # of them in memory, since bodies can be long


def build(connection: Connection, now: int, feeds: Feeds, after: int) -> int | None:
    """Bring custom feeds up to date with the next CHUNK articles behind number `after`, as one transaction.

    Returns the number to go on from, None behind the last article. Feeds grow and shrink to what they should hold,
    so that their readers never meet an empty one.
    """
    turn = Turn(connection, now)
    custom, keeper = FeedKeeper(connection, feeds), ScopeKeeper(connection, turn.time)
    last, judged = _judge(connection, custom, after, read_texts=feeds.read_texts)
    held = custom.held(seq for seq, _ in judged)
    for (seq, arrived), belongs in judged.items():
        old = held.get(seq, set())
        keeper.shift(seq, arrived, old, belongs | custom.unknown(old), looks_different=False)
    turn.end(changed=keeper.flush())
    return last


def _judge(
    connection: Connection, custom: FeedKeeper, after: int, *, read_texts: bool
) -> tuple[int | None, dict[tuple[int, int], set[int]]]:
    """The number of the chunk's last article, and the feeds of each of its published ones by (number, arrival)."""
    names = ("seq", "arrived", "title", "authors", "categories", *(("content",) if read_texts else ()))
    source = (scopes.c.path.label("source_path"), scopes.c.title.label("source_title"))
    query = (
        sa.select(*(articles.c[name] for name in names), PUBLISHED.label("published"), *source)
        .join(scopes, scopes.c.id == articles.c.source)
        .where(articles.c.seq > after)
        .order_by(articles.c.seq)
        .limit(CHUNK)
    )
    last, judged = None, {}
    for row in connection.execute(query, execution_options={"yield_per": AT_ONCE}):
        last = row.seq
        if row.published:
            content = row.content if read_texts else ""
            publisher = Source(row.source_path.removeprefix(SOURCES), row.source_title)
            subject = Subject(row.title, content, tuple(row.authors), paths(row.categories), publisher)
            judged[row.seq, row.arrived] = custom.judge(subject)
    return last, judged
