"""A web worker's app takes the place of another between two requests."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from aggregator.config import Config
from aggregator.live import InForce, load
from feeds import create_app
from feeds.live import LiveApp, follow_file, follow_service
from tests.support import BODY, Place, article
from tests.watcher.waiting import eventually

CONFIG = """
site: {title: Morning, url: "http://feeds.example"}
sources: [{title: Source, path: articles}]
"""


@pytest.fixture
def published(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path, CONFIG)
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    yield place
    place.store.close()


def live_app(place: Place) -> LiveApp:
    return LiveApp(lambda config: create_app(config, place.store), place.config)


def title(app: LiveApp) -> str:
    response = Client(app).get("/latest.json")
    assert response.status_code == 200
    return str(response.json["title"])  # type: ignore[index]


def test_a_config_takes_the_place_of_another_on_the_same_store(published: Place) -> None:
    app = live_app(published)
    assert title(app) == "Morning"
    published.configure(CONFIG.replace("Morning", "Evening"))
    app.follow(published.config)
    assert title(app) == "Evening"


def test_a_request_under_way_ends_in_the_app_in_which_it_began(published: Place) -> None:
    def build(config: Config) -> Any:
        def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            start_response("200 OK", [])
            for word in (config.site.title, "in", config.site.title):
                yield word.encode()

        return answer

    app = LiveApp(build, published.config)
    answer = iter(app({"REQUEST_METHOD": "GET"}, lambda *_: lambda _: None))
    begun = next(answer)
    published.configure(CONFIG.replace("Morning", "Evening"))
    app.follow(published.config)
    assert [begun, *answer] == [b"Morning", b"in", b"Morning"]
    assert Client(app).get("/").data == b"EveninginEvening"


def test_a_config_of_which_no_app_can_be_made_changes_nothing(published: Place) -> None:
    def build(config: Config) -> Any:
        if config.site.title == "Evening":
            raise RuntimeError("a bug")
        return create_app(config, published.store)

    app = LiveApp(build, published.config)
    published.configure(CONFIG.replace("Morning", "Evening"))
    app.follow(published.config)
    assert title(app) == "Morning"


def test_a_worker_follows_what_its_service_has_put_in_force(published: Place) -> None:
    in_force = InForce(load(published.config.file, os.environ))
    app = live_app(published)
    end = follow_service(app, in_force.path, in_force.path.read_bytes(), os.environ)
    published.configure(CONFIG.replace("Morning", "Evening"))
    in_force.write(load(published.config.file, os.environ))
    published.config.file.write_text("broken")  # which is none of its business
    eventually(lambda: title(app) == "Evening")
    in_force.path.write_text("{")  # nothing does this, but it must not end the worker
    in_force.write(load_text(published, CONFIG.replace("Morning", "Night")))
    eventually(lambda: title(app) == "Night")
    end.set()
    in_force.close()


def test_a_worker_of_a_foreign_server_follows_the_file(published: Place, caplog: pytest.LogCaptureFixture) -> None:
    app = live_app(published)
    live = follow_file(app, load(published.config.file, os.environ), os.environ)
    published.configure(CONFIG.replace("Morning", "Evening"))
    eventually(lambda: title(app) == "Evening")
    published.config.file.write_text("sources:\n  - {titel: A}\n")
    eventually(lambda: "did you mean" in caplog.text)
    assert title(app) == "Evening"
    assert published.store.ledger.notices() == []  # publishing writes nothing
    live.stop()


def load_text(place: Place, text: str) -> Any:
    place.configure(text)
    return load(place.config.file, os.environ)
