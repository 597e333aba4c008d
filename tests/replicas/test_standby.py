"""While the store does not answer, a web process answers from memory what was true last; then what is true again."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from aggregator.config import load_config
from aggregator.store import Store
from aggregator.watcher import Watcher
from feeds import create_app
from tests.replicas.relay import Relay
from tests.support import BODY, OTHER, Place, article
from tests.watcher.waiting import eventually

PULSE = import_module("aggregator.store.pulse")
AWAY = ("cut", "stall")  # the ways of a server that does not answer: it ended, or it hangs
KEPT = ("/latest.atom", "/sources/source.rss", "/latest.json", "/", "/latest", "/feeds.opml", "/static/style.css")


@dataclass
class Web:
    """A web process behind a relay; articles are filed past it, by `place`."""

    place: Place
    relay: Relay
    store: Store
    client: FlaskClient

    def knows(self, path: str) -> dict[str, str]:
        """Ask for a path until the answer is fresh; its headers."""
        eventually(lambda: "Age" not in self.client.get(path).headers)
        return dict(self.client.get(path).headers)

    def loses(self, how: str) -> None:
        """Lose the database, and notice that."""
        getattr(self.relay, how)()
        eventually(lambda: PULSE._pulses[self.store._engine].outage.reason)

    def article(self) -> str:
        return f"/articles/{self.place.feed()[0].id}"


@pytest.fixture
def web(new_postgres_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    for name, seconds in {"LASTING": 0.3, "LOOK": 0.05, "SLOW": 0.15, "LAST_RETRY": 0.1, "ASKING": 0.5}.items():
        monkeypatch.setattr(PULSE, name, seconds)
    monkeypatch.setattr(import_module("aggregator.store.engine"), "CONNECT_SECONDS", 2)
    place, relay = Place(tmp_path, store_url=new_postgres_store), Relay(new_postgres_store)
    place.write("articles/a.md", article("A river", BODY))
    place.scan()
    store = Store(relay.url)
    yield Web(place, relay, store, create_app(place.config, store).test_client())
    store.close()
    relay.close()
    place.store.close()


def asked_by_requests(store: Store) -> list[str]:
    """What this thread asks of the database from now on."""
    found: list[str] = []
    here = threading.current_thread()

    def note(*words: object) -> None:
        if threading.current_thread() is here:
            found.append(str(words[-1]))

    sa.event.listen(store._engine, "checkout", note)
    sa.event.listen(store._engine, "handle_error", note)
    return found


@pytest.mark.parametrize("how", AWAY)
def test_what_was_asked_for_is_answered_as_it_was_and_at_once(web: Web, how: str) -> None:
    paths = (*KEPT, web.article())
    before = {path: (web.client.get(path).data, web.knows(path)) for path in paths}
    web.loses(how)
    asked = asked_by_requests(web.store)
    for path, (body, headers) in before.items():
        answer = web.client.get(path)
        assert (answer.status_code, answer.data) == (200, body), path
        told = dict(answer.headers)
        assert int(told.pop("Age")) >= 0
        assert told.pop("Cache-Control").startswith("public, max-age=30, stale-while-revalidate=")
        headers.pop("Cache-Control")
        assert told == headers
        held = {"If-None-Match": headers["ETag"]}
        assert web.client.get(path, headers=held).status_code == 304
        assert web.client.head(path).status_code == 200
        assert web.client.get(path, headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"
    assert asked == []


@pytest.mark.parametrize("how", AWAY)
def test_what_is_not_kept_is_refused_at_once_and_the_state_is_told(web: Web, how: str) -> None:
    web.knows("/latest.atom")
    web.loses(how)
    asked = asked_by_requests(web.store)
    for path in ("/sources/source.atom", "/search?q=river", "/status", "/status.json"):
        answer = web.client.get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30"), path
        assert answer.headers["Cache-Control"] == "no-store"
    assert web.client.post("/latest.atom").status_code == 405
    assert web.client.get("/readyz").text == "not ready: the store does not answer; see the log\n"
    assert web.client.get("/healthz").status_code == 200
    assert "aggregator_store_up 0.0" in web.client.get("/metrics").text
    assert asked == []


@pytest.mark.parametrize("how", AWAY)
def test_when_it_is_back_what_was_filed_meanwhile_is_there(web: Web, how: str) -> None:
    etag = web.knows("/latest.atom")["ETag"]
    web.loses(how)
    web.place.later(minutes=1)
    web.place.write("articles/b.md", article("Bread", OTHER))
    web.place.scan()
    assert web.client.get("/latest.atom", headers={"If-None-Match": etag}).status_code == 304
    web.relay.restore()
    eventually(lambda: b"Bread" in web.client.get("/latest.atom").data)
    assert "Age" not in web.client.get("/latest.atom").headers
    assert web.client.get("/readyz").status_code == 200


def test_what_changed_since_it_was_asked_for_is_not_given(web: Web) -> None:
    """An article may have been hidden; this process has heard that something is another, and not what."""
    pulse = web.store.pulse()
    web.knows("/latest.atom")
    revision = pulse()
    web.place.later(minutes=1)
    web.place.write("articles/b.md", article("Bread", OTHER))
    web.place.scan()
    eventually(lambda: pulse() > revision)
    web.loses("cut")
    assert web.client.get("/latest.atom").status_code == 503


def test_it_is_given_for_as_long_as_caches_may_give_it(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    web.knows("/latest.atom")
    web.loses("cut")
    assert web.client.get("/latest.atom").status_code == 200
    monkeypatch.setattr("feeds.standby.STALE_IF_ERROR", timedelta(0))
    assert web.client.get("/latest.atom").status_code == 503


def test_each_language_is_kept_apart_and_a_delta_is_the_whole(web: Web) -> None:
    chinese = {"Cookie": "lang=zh"}
    pages = [web.client.get("/", headers=headers).data for headers in ({}, chinese)]
    web.knows("/latest.atom")
    web.loses("cut")
    assert [web.client.get("/", headers=headers).data for headers in ({}, chinese)] == pages
    assert web.client.get("/", headers=chinese).headers["Vary"] == "Accept-Encoding, Cookie"
    delta = web.client.get("/latest.atom", headers={"A-IM": "feed", "If-None-Match": '"other"'})
    assert (delta.status_code, delta.headers["Vary"]) == (200, "Accept-Encoding, A-IM")
    assert "private" in delta.headers["Cache-Control"]


@pytest.mark.parametrize("how", AWAY)
def test_an_outage_is_two_lines_in_the_log(web: Web, how: str, caplog: pytest.LogCaptureFixture) -> None:
    web.knows("/latest.atom")
    web.loses(how)
    caplog.clear()
    for _ in range(3):
        for path in ("/latest.atom", "/latest.rss", "/status", "/metrics", "/readyz"):
            web.client.get(path)
    assert caplog.messages == []
    web.relay.restore()
    eventually(lambda: caplog.messages)
    eventually(lambda: web.client.get("/metrics").text.count("aggregator_store_up 1.0"))
    (over,) = caplog.messages
    assert over.startswith("the store answers again, after")


def test_a_watcher_tells_of_an_outage_once_for_all_folders(
    web: Web, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sources = "".join(f"\n  - {{title: S{n}, path: folder{n}, every: 1 second}}" for n in range(3))
    (tmp_path / "config.yaml").write_text(f"store: {web.relay.url}\nsources:{sources}\n")
    for number in range(3):
        (tmp_path / f"folder{number}").mkdir()
    failed: list[object] = []
    sa.event.listen(web.store._engine, "handle_error", failed.append)
    watcher = Watcher(load_config(tmp_path / "config.yaml", {}), web.store, lambda: datetime.now(UTC))
    watcher.start()
    eventually(lambda: len([f for f in web.place.store.ledger.folders() if f.scanned]) >= 3)
    caplog.clear()
    web.relay.cut()
    eventually(lambda: len(failed) >= 6)
    web.relay.restore()
    eventually(lambda: any("can be used again" in message for message in caplog.messages))
    watcher.stop()
    began, over = caplog.messages
    assert began.startswith("the store cannot be used; it is tried again: ")
    assert over.startswith("the store can be used again, after ")
    assert "Traceback" not in caplog.text


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.write("articles/a.md", article("A river", BODY))
    place.scan()
    client = create_app(place.config, place.store).test_client()
    before = client.get("/latest.atom")
    with place.store._engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE state RENAME TO away")
    answer = client.get("/latest.atom", headers={"If-None-Match": before.headers["ETag"]})
    assert (answer.status_code, answer.headers["Age"]) == (304, "0")
    with place.store._engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO state")
    assert "Age" not in client.get("/latest.atom").headers
    place.store.close()
