"""The cache of representations: revisions, its bound, and threads."""

import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest

from aggregator.errors import OverloadError
from aggregator.models import Cursor, Filed, Scope
from feeds import create_app
from feeds.cache import Cache
from feeds.representation import Representation
from tests.feeds.fake_library import FakeLibrary
from tests.feeds.feed_samples import MORNING, make_config, make_filed


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
        rendering.wait(60)  # long enough for the others to arrive; they must not get in here
        return make()

    def ask(_: int) -> Representation | None:
        barrier.wait()
        return cache.get("a", 1, slow)

    with ThreadPoolExecutor(threads) as pool:
        answers = pool.map(ask, range(threads))
        threading.Timer(0.05, rendering.set).start()
        assert len({id(answer) for answer in answers}) == 1
    assert make.count == 1


class Blocked:
    """A rendering that takes until `end`; `begun` tells that it is under way."""

    def __init__(self, cache: Cache) -> None:
        self.begun, self._end = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=cache.get, args=("slow", 1, self._make))

    def __enter__(self) -> "Blocked":
        self._thread.start()
        assert self.begun.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        self._end.set()
        self._thread.join()

    def _make(self) -> Representation:
        self.begun.set()
        assert self._end.wait(60)
        return Maker()()


def test_who_would_wait_too_long_is_refused() -> None:
    cache, make = Cache(1000, patience=timedelta(milliseconds=1)), Maker()
    cache.get("kept", 1, make)
    with Blocked(cache) as blocked:
        with pytest.raises(OverloadError, match="come back later"):
            cache.get("slow", 1, make)
        assert cache.get("kept", 1, make) is not None
        blocked.end()
        assert cache.get("slow", 1, make) is not None
    assert make.count == 1


def test_no_more_than_so_many_wait() -> None:
    cache, make, answers = Cache(1000, max_waiting=2), Maker(), queue.SimpleQueue[str]()
    cache.get("kept", 1, make)

    def ask() -> None:
        try:
            cache.get("slow", 1, make)
            answers.put("served")
        except OverloadError:
            answers.put("refused")

    with Blocked(cache):
        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        assert [answers.get(timeout=60) for _ in range(4)] == ["refused"] * 4
        assert cache.get("kept", 1, make) is not None
    assert [answers.get(timeout=60) for _ in range(2)] == ["served"] * 2
    for thread in threads:
        thread.join()
    cache.get("other", 1, make)  # nobody waits any more
    assert make.count == 2


class SlowLibrary(FakeLibrary):
    """A store that answers for one source's articles when it is told to."""

    def __init__(self) -> None:
        super().__init__([make_filed(1), make_filed(2, MORNING)])
        self.asked, self.answer = threading.Event(), threading.Event()

    def window(self, scope: Scope, limit: int, before: Cursor | None = None) -> list[Filed]:
        if scope.path == "sources/harbour-light":
            self.asked.set()
            assert self.answer.wait(60)
        return super().window(scope, limit, before)


def test_an_overloaded_process_says_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.publisher.Cache", partial(Cache, patience=timedelta(milliseconds=1)))
    library = SlowLibrary()
    app = create_app(make_config(), library)
    slow, kept = "/sources/harbour-light.rss", "/sources/晨读.rss"
    assert app.test_client().get(kept).status_code == 200
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(lambda: app.test_client().get(slow).status_code)
        assert library.asked.wait(60)
        refused = app.test_client().get(slow)
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        assert refused.headers["Cache-Control"] == "no-store"
        assert app.test_client().get(kept).status_code == 200
        library.answer.set()
        assert first.result(5) == 200
    assert app.test_client().get(slow).status_code == 200


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
