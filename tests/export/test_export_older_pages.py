"""Which older pages an export holds, as a rule on values."""

import uuid
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from aggregator.models import Cursor
from aggregator.store.snapshot import Listed
from feeds.export.older import OlderPage, older_pages

places = st.lists(st.integers(0, 60), unique=True, max_size=40)


def rows_at(arrivals: list[int]) -> list[Listed]:
    return [
        Listed(arrived, arrived, str(uuid.uuid5(uuid.NAMESPACE_OID, str(arrived))), 0, 1)
        for arrived in sorted(arrivals, reverse=True)
    ]


def following(page: OlderPage, rows: list[Listed]) -> Cursor | None:
    """The place where the next page begins."""
    return Cursor(rows[page.end - 1].arrived, rows[page.end - 1].seq) if page.end < len(rows) else None


@given(places, st.integers(1, 8), st.dictionaries(st.integers(0, 60), st.integers(1, 9)))
def test_what_a_page_leads_to_is_there_at_least_as_long(
    arrivals: list[int], limit: int, former: dict[int, int]
) -> None:
    rows = rows_at(arrivals)
    pages = older_pages(rows, limit, {Cursor(place, place): since for place, since in former.items()})
    known = {page.before: page for page in pages}
    assert [page.before for page in pages] == sorted(
        known
    )  # what is written first leads to nothing that is not there
    for page in pages:
        assert 0 < page.end - page.begin <= limit
        assert page.begin == sum(row.arrived >= page.before.arrived for row in rows)
        onward = following(page, rows)
        if onward is not None:
            since = known[onward].since
            assert since is None or (page.since is not None and since >= page.since)


@given(places, st.integers(1, 8))
def test_the_walk_that_begins_now_meets_every_article_once(arrivals: list[int], limit: int) -> None:
    rows = rows_at(arrivals)
    pages = older_pages(rows, limit, {})[::-1]
    assert all(page.since is None for page in pages)
    ends = [limit, *(page.end for page in pages)]
    assert [(page.begin, page.end) for page in pages] == list(pairwise(ends))
    assert ends[-1] >= len(rows)


@given(places, st.integers(1, 8), st.integers(0, 60))
def test_a_former_page_stays_unless_nothing_is_left_on_it(arrivals: list[int], limit: int, place: int) -> None:
    rows = rows_at(arrivals)
    pages = older_pages(rows, limit, {Cursor(place, place): 7})
    there = Cursor(place, place) in {page.before for page in pages}
    assert there == any(row.arrived < place for row in rows)
