"""The cache of representations: revisions, its bound, and threads."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from feeds import create_app
from feeds.cache import Cache
from feeds.http import Representation
from tests.feeds.fake_library import FakeLibrary
from tests.feeds.feed_samples import make_config, make_filed


class Maker:
    """Makes representations of a size, and counts them."""

    def __init__(self, size: int = 10) -> None:
        self.size = size
        self.count = 0

    def __call__(self) -> Representation:
        self.count += 1
        return Representation(b"x" * self.size, "text/plain")


def test_what_is_kept_is_made_once_for_each_revision() -> None:
    cache, make = Cache(1000), Maker()
    first = cache.get("a", 1, make)
    assert cache.get("a", 1, make) is first
    assert cache.get("a", 2, make) is not first
    assert make.count == 2


def test_a_store_that_was_restored_from_a_backup_is_believed() -> None:
    cache, make = Cache(1000), Maker()
    cache.get("a", 9, make)
    cache.get("a", 3, make)
    assert make.count == 2


def test_nothing_is_kept_where_nothing_is() -> None:
    cache, make = Cache(1000), Maker()
    assert cache.get("a", 1, lambda: None) is None
    assert cache.get("a", 1, make) is not None


def test_what_was_not_used_for_longest_goes_first() -> None:
    cache, make = Cache(3 * 2 * 10), Maker()
    for key in "abc":
        cache.get(key, 1, make)
    cache.get("a", 1, make)
    cache.get("d", 1, make)
    assert make.count == 4
    for key in "acd":
        cache.get(key, 1, make)
    assert make.count == 4
    cache.get("b", 1, make)
    assert make.count == 5


def test_revisions_of_one_key_do_not_pile_up() -> None:
    cache, make = Cache(2 * 2 * 10), Maker()
    cache.get("a", 1, make)
    for revision in range(50):
        cache.get("b", revision, make)
    cache.get("a", 1, make)
    assert make.count == 51


def test_what_is_larger_than_the_bound_is_served_but_not_kept() -> None:
    cache, large = Cache(100), Maker(1000)
    assert cache.get("large", 1, large) is not None
    assert cache.get("large", 1, large) is not None
    assert large.count == 2


def test_a_failure_is_not_kept() -> None:
    def fail() -> Representation:
        raise ZeroDivisionError

    cache, make = Cache(100), Maker()
    with pytest.raises(ZeroDivisionError):
        cache.get("a", 1, fail)
    cache.get("a", 1, make)
    assert make.count == 1


def test_threads_that_come_together_wait_for_one_rendering() -> None:
    threads = 8
    cache, barrier, rendering = Cache(1000), threading.Barrier(threads), threading.Event()
    make = Maker()

    def slow() -> Representation:
        rendering.wait(1)  # long enough for the others to arrive; they must not get in here
        return make()

    def ask(_: int) -> Representation | None:
        barrier.wait()
        return cache.get("a", 1, slow)

    with ThreadPoolExecutor(threads) as pool:
        answers = pool.map(ask, range(threads))
        threading.Timer(0.05, rendering.set).start()
        assert len({id(answer) for answer in answers}) == 1
    assert make.count == 1


def test_many_threads_get_what_one_would() -> None:
    library = FakeLibrary(make_filed(number) for number in range(20))
    alone = create_app(make_config(), library).test_client()
    paths = ["/latest.rss", "/latest.atom", "/latest.json", "/sources/harbour-light.rss", "/", "/latest"]
    expected = {path: alone.get(path).data for path in paths}
    app = create_app(make_config(), library)

    def ask(number: int) -> bool:
        path = paths[number % len(paths)]
        return app.test_client().get(path).data == expected[path]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(120)))
