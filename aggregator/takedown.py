"""Taking articles down, and putting them back: a hidden article leaves everything at once, and keeps its place."""

from collections.abc import Iterable
from datetime import datetime

from .config import Config
from .custom import CustomFeeds
from .store import Held, Store

INDEXED = 1000  # changes that search may have to catch up with, these ones among them


def hide(store: Store, config: Config, seqs: Iterable[int], now: datetime) -> set[int]:
    """Take articles (by number) out of every feed and page. Returns those that were not hidden before.

    Whatever their files say from now on, they stay hidden. A retired article is out of everything already.
    """
    return _change(store, config, seqs, now, Held.NOT, Held.HIDDEN)


def unhide(store: Store, config: Config, seqs: Iterable[int], now: datetime) -> set[int]:
    """Put hidden articles back where they were, with their ids and dates. Returns those that were hidden."""
    return _change(store, config, seqs, now, Held.HIDDEN, Held.NOT)


def _change(store: Store, config: Config, seqs: Iterable[int], now: datetime, before: Held, after: Held) -> set[int]:
    changed = set()
    with store.batch(None, now, CustomFeeds.of(config)) as batch:
        batch.facts.load_seqs(seqs)
        for item in list(batch.facts.by_seq.values()):
            if item.held is before:
                batch.change(item, held=after)
                changed.add(item.seq)
    store.search.catch_up(INDEXED)
    return changed
