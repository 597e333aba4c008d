"""What several processes read and write at once is whole and in order."""

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from aggregator.store import Store
from tests.support import BODY, OTHER, START, Place, article


@pytest.fixture
def other(place: Place) -> Iterator[Store]:
    store = Store(place.config.store)
    yield store
    store.close()


def test_several_questions_of_one_reader_are_about_one_state(place: Place, other: Store) -> None:
    place.write("articles/a.md", article("First", BODY))
    place.scan()
    with other._reading() as connection:
        count = sa.text("SELECT count(*) FROM articles")
        before = connection.execute(count).scalar()
        place.write("articles/b.md", article("Second", OTHER))
        place.scan()
        assert connection.execute(count).scalar() == before == 1
    assert len(place.feed()) == 2


@pytest.mark.parametrize("back", [0, 1, 3600])
def test_what_is_filed_later_stands_later_whatever_the_clocks_say(place: Place, back: int) -> None:
    """A reader goes through a feed until it meets what it knows."""
    place.write("articles/first.md", article("First", BODY))
    place.scan()
    for number in range(10):  # so fast that change times run ahead of the clock as far as they may
        place.write(f"articles/{number}.md", article(f"Burst {number}", BODY.replace("river", f"river{number}")))
        place.scan()
    place.later(seconds=-back)  # another machine's clock, or a process that waited for its turn
    place.write("articles/last.md", article("Last", OTHER))
    place.scan()
    titles = [filed.article.title for filed in place.feed()]
    assert titles == ["Last", *(f"Burst {number}" for number in reversed(range(10))), "First"]


def test_the_first_writers_of_an_empty_store_queue_up(place: Place, other: Store) -> None:
    both = threading.Barrier(2)
    failed: list[Exception] = []

    def write(store: Store, slug: str) -> None:
        both.wait()
        try:
            with store.catalog(START) as catalog:
                catalog.feed(slug, slug)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=found) for found in ((place.store, "a"), (other, "b"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert place.store.revision() == 2
