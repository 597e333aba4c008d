"""`retain`: articles beyond a source's rule are retired. Their texts go, and what they are known by stays, so that a
file that is still there does not bring them back as new.

After each scan of a folder: sources of the folder ─▶ what is beyond the rule ─▶ traces ─▶ one transaction a chunk
"""

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from .config import Config
from .config.quantities import Retention
from .custom import CustomFeeds
from .models import Cursor
from .resemblance import Trace
from .store import Held, Known, Store, to_us

log = logging.getLogger(__name__)

MICROSECOND = timedelta(microseconds=1)
CHUNK = 200  # articles in one transaction, so that other writers never wait long


def covers(rule: Retention, item: Known, now: int, edge: Cursor | None) -> bool:
    """Whether an article is kept by a rule at a time (microseconds).

    `edge` is the oldest of the newest articles that a rule by count keeps, None while there are fewer.
    """
    return not is_too_old(rule, item.published, now) and (edge is None or (item.arrived, item.seq) >= edge)


def is_too_old(rule: Retention, published: int, now: int) -> bool:
    """Whether a rule by age keeps nothing of this time (both in microseconds)."""
    return rule.age is not None and published < now - rule.age // MICROSECOND


def retire(
    store: Store, config: Config, folder: Path, now: datetime, stopped: Callable[[], bool] = lambda: False
) -> int:
    """Retire what is beyond the rules of the sources whose files are in `folder`; how many articles that were.

    Where nothing is to be done, that is a range of an index for each source that has a rule. `stopped` is asked
    before every chunk. Raises what the database raises; what was done by then is kept.
    """
    feeds = CustomFeeds.of(config)
    number = 0
    for slug, source, rule in _ruled(store, config, folder, to_us(now)):
        retired = 0
        while not stopped() and (some := _retire_some(store, config, feeds, source, rule, now)):
            retired += some
        if retired:
            log.info("%d articles retired, as its `retain` says", retired, extra={"source": slug})
        number += retired
    return number


def _ruled(store: Store, config: Config, folder: Path, now: int) -> Iterator[tuple[str, int, Retention]]:
    """The sources of a folder that have a rule: slug, number, rule."""
    items = [item for item in zip(config.slugs, config.sources, strict=True) if item[1].folder == folder]
    configured = dict(items)
    split = next((source for _, source in items if source.split_by and source.enabled), None)
    numbers = store.retirement.sources(slug for slug, source in configured.items() if source.retain)
    for slug, number in numbers.items():
        if rule := configured[slug].retain:
            yield slug, number, rule
    if split is not None and split.retain is not None:
        name = next(source.path for _, source in items)
        for slug, number in _split(store, config, name, split.retain, now):
            yield slug, number, split.retain


def _split(store: Store, config: Config, folder: str, rule: Retention, now: int) -> Iterator[tuple[str, int]]:
    """The sources of a folder that the config does not name, and that have articles beyond a rule.

    Whether a source is of the folder is told by all its files, so that is asked last.
    """
    found = store.retirement
    beyond = found.sources_larger(rule.count) if rule.count else found.sources_older(_edge(rule, now))
    numbers = {number: slug for slug, number in beyond.items() if slug not in config.slugs}
    for number in found.sources_in(folder, numbers) if numbers else ():
        yield numbers[number], number


def _edge(rule: Retention, now: int) -> int:
    """The time from which on a rule by age keeps articles (microseconds)."""
    return now - (rule.age or timedelta(0)) // MICROSECOND


def _retire_some(
    store: Store, config: Config, feeds: CustomFeeds, source: int, rule: Retention, now: datetime
) -> int:
    """Retire a chunk of a source's articles; how many it was."""
    expired = _expired(store, source, rule, to_us(now))
    if not expired:
        return 0
    with closing(store.retirement.contents(expired)) as found:
        traces = {seq: (content_hash, str(Trace.of(content))) for seq, content_hash, content in found}
    retired = 0
    with store.batch(None, now, feeds, window=config.feeds.limit) as batch:
        batch.facts.load_seqs(traces)
        for seq, (content_hash, trace) in traces.items():
            item = batch.facts.by_seq[seq]
            # Another process may have edited, hidden or retired it in the meantime.
            if item.held is Held.NOT and item.content_hash == content_hash:
                batch.retire(item, trace)
                retired += 1
    return retired


def _expired(store: Store, source: int, rule: Retention, now: int) -> Collection[int]:
    if rule.age is not None:
        return store.retirement.older(source, _edge(rule, now), CHUNK)
    return store.retirement.surplus(source, rule.count or 0, CHUNK)
