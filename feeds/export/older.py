"""The older pages of a scope that an export holds: those of a walk that begins now, and for a while those of walks
that began before."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregator.models import Cursor
from aggregator.store.snapshot import Listed

from ..paging import length


@dataclass(frozen=True, slots=True)
class OlderPage:
    """What arrived before a place: `rows[begin:end]` of the scope's articles.

    `since` is when nothing led to it any more (seconds since 1970), None while something does.
    """

    before: Cursor
    begin: int
    end: int
    since: int | None


def older_pages(rows: Sequence[Listed], limit: int, lingering: Mapping[Cursor, int]) -> list[OlderPage]:
    """The pages behind the newest `limit` articles, the last one first: none is there before what it leads to.

    `rows` are all articles of the scope, newest first. `lingering` are the places of former pages, with the time
    since when nothing leads to them. What they lead to lingers as long.
    """
    pages: dict[Cursor, OlderPage] = {}

    def follow(before: Cursor, begin: int, since: int | None) -> None:
        while begin < len(rows) and before not in pages:
            end = begin + length([row.id for row in rows[begin : begin + limit + 1]], limit)
            pages[before] = OlderPage(before, begin, end, since)
            before, begin = place_of(rows[end - 1]), end

    if len(rows) > limit:
        follow(place_of(rows[limit - 1]), limit, None)
    for before, since in sorted(lingering.items(), key=lambda item: -item[1]):
        follow(before, _behind(rows, before), since)
    return sorted(pages.values(), key=lambda page: page.before)


def place_of(row: Listed) -> Cursor:
    """An article's place in the order of arrival."""
    return Cursor(row.arrived, row.seq)


def _behind(rows: Sequence[Listed], place: Cursor) -> int:
    """The index of the first article that arrived before a place."""
    return bisect_right(rows, (-place.arrived, -place.seq), key=lambda row: (-row.arrived, -row.seq))
