"""One service from its start to its end: its config is edited again and again, while a subscriber keeps polling."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from aggregator.logs import one_line
from tests.live.service import Running, Subscriber
from tests.support import BODY, OTHER
from tests.watcher.waiting import PATIENCE, eventually, promised

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))
SECONDS = 3  # in which an edit is in force

RIVER = "  - {title: River, path: river, every: 1 hour}\n"
HILL = "  - {title: Hill, path: hill, every: 1 hour, on_remove: gone}\n"
FEEDS = ("/latest.atom", "/sources/river.rss", "/", "/readyz")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Running]:
    (tmp_path / "river").mkdir()
    (tmp_path / "hill").mkdir()
    (tmp_path / "river/a.md").write_text(f"---\ntitle: On the river\n---\n\n{BODY}\n")
    (tmp_path / "hill/b.md").write_text(f"---\ntitle: On the hill\n---\n\n{OTHER}\n")
    running = Running(tmp_path, "sources:\n" + RIVER)
    try:
        yield running
    finally:
        running.kill()


def test_a_config_is_edited_while_subscribers_poll(service: Running) -> None:
    subscriber = Subscriber(service, FEEDS)
    subscriber.start()
    a_source_is_added(service)
    a_schedule_is_changed(service)
    twenty_broken_configs_change_nothing(service)
    a_good_config_clears_everything(service)
    a_source_is_taken_away(service)
    what_needs_a_restart_is_said(service)
    a_source_is_renamed(service)
    subscriber.end()
    assert subscriber.failures == []
    assert subscriber.answers > 500
    workers_begin_anew_while_the_config_is_broken(service)
    service.stop()
    assert service.log().splitlines()[-1] == "stopped"


def a_source_is_added(service: Running) -> None:
    assert service.status("/sources/hill.atom") == 404
    with (service.root / "config.yaml").open("a") as file:  # this time in place
        file.write(HILL)
    eventually(lambda: service.status("/sources/hill.atom") == 200, promised(SECONDS), service.log)
    assert "config.yaml is in force: sources added: hill" in service.log()
    service.drop("hill/c.md", "Later on the hill")  # and its folder is watched
    eventually(lambda: b"Later on the hill" in service.get("/sources/hill.atom")[1], promised(SECONDS), service.log)


def a_schedule_is_changed(service: Running) -> None:
    before = service.planned()
    service.save("sources:\n" + RIVER + HILL.replace("1 hour", "2 hours"))
    soonest = datetime.now(UTC) + timedelta(hours=2)
    eventually(lambda: (service.planned()["hill"] or soonest) > soonest, PATIENCE, service.log)
    assert service.planned()["river"] == before["river"]
    assert "config.yaml is in force: sources changed: hill (every)" in service.log()


def twenty_broken_configs_change_nothing(service: Running) -> None:
    feeds, planned, start = [service.get(path) for path in FEEDS], service.planned(), len(service.log())
    wanted: list[str] = []
    assert len(BROKEN) >= 20
    for number, file in enumerate(BROKEN):
        problems = file.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
        service.save_as_is(file.read_bytes())
        if number % 4:  # it would be noticed anyway, but so it is at once
            service.hang_up()
        eventually(partial(tells, service, problems), PATIENCE, service.notices)
        assert [service.get(path) for path in FEEDS] == feeds, file.name
        assert service.planned() == planned, file.name
        wanted += ["config.yaml was changed, but cannot be used; what was in force stays in force"]
        wanted += map(one_line, problems)  # without what looks like a password
    assert service.log()[start:].splitlines() == wanted


def a_good_config_clears_everything(service: Running) -> None:
    planned = service.planned()
    service.save("sources:\n" + RIVER + HILL.replace("1 hour", "2 hours"))  # just what is in force
    eventually(lambda: service.notices() == [], PATIENCE, service.notices)
    assert "config.yaml is good again" in service.log()
    assert service.planned() == planned


def a_source_is_taken_away(service: Running) -> None:
    service.save("sources:\n" + RIVER)
    eventually(lambda: service.status("/sources/hill.atom") == 410, PATIENCE, service.log)
    eventually(lambda: service.planned()["hill"] is None, PATIENCE, service.planned)
    assert b"On the hill" in service.get("/latest.atom")[1]  # its articles stay where else they are
    service.save("sources:\n" + RIVER + HILL)
    eventually(lambda: service.status("/sources/hill.atom") == 200, PATIENCE, service.log)


def a_source_is_renamed(service: Running) -> None:
    text = (service.root / "config.yaml").read_text().replace("title: River,", "title: Stream, aliases: [river],")
    service.save_as_is(text.encode())
    eventually(lambda: service.status("/sources/stream.rss") == 200, PATIENCE, service.log)
    eventually(lambda: service.status("/sources/river.rss") == 301, PATIENCE, service.log)
    assert "config.yaml is in force: sources renamed: river to stream" in service.log()


def what_needs_a_restart_is_said(service: Running) -> None:
    text = (service.root / "config.yaml").read_text().replace("workers: 2", "workers: 3")
    service.save_as_is(text.replace("url:", "title: Renamed, url:").encode())
    eventually(lambda: b"Renamed" in service.get("/latest.atom")[1], PATIENCE, service.log)
    eventually(lambda: len(service.notices()) == 1, PATIENCE, service.notices)
    assert service.notices()[0].startswith("config.yaml:2: server.workers: takes effect when the service is started")


def workers_begin_anew_while_the_config_is_broken(service: Running) -> None:
    service.save_as_is(BROKEN[0].read_bytes())
    eventually(lambda: len(service.notices()) > 1, PATIENCE, service.notices)
    before = service.workers()
    assert len(before) == 2  # what needs a restart was not changed
    for number in before:
        os.kill(number, signal.SIGKILL)
    eventually(lambda: len(set(service.workers()) - set(before)) == 2, PATIENCE, service.log)
    eventually(lambda: b"Renamed" in service.page("/latest.atom"), PATIENCE, service.log)


def tells(service: Running, problems: list[str]) -> bool:
    return service.notices() == problems
