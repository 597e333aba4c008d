"""Custom feeds in a writing transaction: which articles each holds, and should hold."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..models import ScopeKind, Subject
from .facts import CHUNK
from .schema import members, scopes

FEEDS = "feeds/"  # the beginning of every custom feed's path
_CUSTOM = sa.select(scopes.c.id, scopes.c.path).where(scopes.c.kind == ScopeKind.CUSTOM, sa.not_(scopes.c.gone))


class Feeds(Protocol):
    """What a config says of feeds, as the store needs it: the custom ones, and the slugs of categories by name."""

    @property
    def category_slugs(self) -> Mapping[str, str]:
        """What stands for the names of categories in paths; a category without stands there by its name."""

    @property
    def slugs(self) -> Collection[str]:
        """Those that there are."""

    @property
    def read_texts(self) -> bool:
        """Whether any of them looks at the text of articles."""

    def holding(self, subject: Subject) -> Collection[str]:
        """The slugs of those that an article belongs to."""


class FeedKeeper:
    """The custom feeds of the store, judged by those of a config (None: there is none at hand).

    A feed that the config does not know, since another process with a newer config made it, keeps what it holds.
    """

    def __init__(self, connection: Connection, feeds: Feeds | None) -> None:
        self._connection = connection
        self._feeds = feeds
        self._all = {row.path.removeprefix(FEEDS): int(row.id) for row in connection.execute(_CUSTOM)}
        self._judged = {slug: self._all[slug] for slug in (feeds.slugs if feeds else ()) if slug in self._all}

    @property
    def any(self) -> bool:
        """Whether there is a feed to be judged."""
        return bool(self._judged)

    def held(self, seqs: Iterable[int]) -> dict[int, set[int]]:
        """The feeds (scope ids) that these articles are in, by article."""
        found: dict[int, set[int]] = defaultdict(set)
        ordered = sorted(seqs) if self._all else []
        for start in range(0, len(ordered), CHUNK):
            query = sa.select(members.c.seq, members.c.scope).where(
                members.c.seq.in_(ordered[start : start + CHUNK]), members.c.scope.in_(list(self._all.values()))
            )
            for seq, scope in self._connection.execute(query):
                found[seq].add(scope)
        return found

    def judge(self, subject: Subject) -> set[int]:
        """The feeds (scope ids) that an article belongs to, of those that can be judged."""
        assert self._feeds is not None
        return {self._judged[slug] for slug in self._feeds.holding(subject) if slug in self._judged}

    def unknown(self, held: set[int]) -> set[int]:
        """Those of `held` that cannot be judged."""
        return held - set(self._judged.values())
