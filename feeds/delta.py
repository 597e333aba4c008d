"""What is new in a feed since an earlier version of it (RFC 3229 with the instance manipulation "feed").

The ETag of a feed says which version it is, so any process that sees the store can tell what came later, and none has
to remember what it sent to whom.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.store import from_us, to_us

from .feed import Feed

_TAG = re.compile(
    r"[0-9a-f]{32}\.(?P<changed>[0-9a-f]{1,15})\.(?P<seq>[0-9a-f]{1,15})\.(?P<frame>[0-9a-f]{8})(-[a-z]+)*", re.ASCII
)


@dataclass(frozen=True, order=True, slots=True)
class Version:
    """One version of a feed; an earlier one is less.

    `changed` is when the feed's content last changed, `seq` the highest number of its articles. Versions of different
    frames have nothing in common; see `frame`.
    """

    changed: datetime
    seq: int
    frame: str

    def __str__(self) -> str:
        """As it stands in an ETag."""
        return f"{to_us(self.changed):x}.{self.seq:x}.{self.frame}"


def frame(path: str, rules: object) -> str:
    """Eight hexadecimal digits that stand for what a feed holds by rule: which feed it is, and whatever decides what
    is in it (the `repr` of `rules` is looked at)."""
    return hashlib.sha256(f"{path} {rules!r}".encode()).hexdigest()[:8]


def version_of(feed: Feed, frame: str) -> Version:
    """The version that a feed is."""
    return Version(feed.updated, max((item.seq for item in feed.articles), default=0), frame)


def oldest(tags: Iterable[str], frame: str) -> tuple[str, Version] | None:
    """The oldest version of a frame that ETags name, with its tag; None when none does."""
    found = ((version, tag) for tag, version in _versions(tags) if version.frame == frame)
    version, tag = min(found, default=(None, ""))
    return None if version is None else (tag, version)


def since(feed: Feed, base: Version, withdrawn: datetime | None) -> Feed | None:
    """The feed with only what arrived or changed since a version of it; None when that cannot be told, or is nothing.

    An article that the base had not has a later time than it, or a higher number than all that it had; unless it
    took the place of one that was withdrawn (`withdrawn` is when one last was), which a delta could not tell either.
    """
    if base.changed > feed.updated or (withdrawn is not None and withdrawn > base.changed):
        return None
    new = tuple(item for item in feed.articles if item.changed > base.changed or item.seq > base.seq)
    return replace(feed, articles=new) if new else None


def _versions(tags: Iterable[str]) -> Iterator[tuple[str, Version]]:
    for tag in tags:
        if match := _TAG.fullmatch(tag):
            try:
                changed = from_us(int(match["changed"], 16))
            except OverflowError:  # no such time
                continue
            yield tag, Version(changed, int(match["seq"], 16), match["frame"])
