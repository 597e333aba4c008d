"""Expensive work is rationed by client; who a client is, is told by what cannot be invented."""

from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from werkzeug.exceptions import TooManyRequests

from feeds import create_app
from feeds.limits import Limits, Rate, client_of, networks
from tests.support import BODY, ONE_SOURCE, Place, article

PROXIES = networks(["127.0.0.1", "10.0.0.0/8", "fd00::/8"])


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("198.51.100.7", "", ""),  # a network for documents is no public one
        ("93.184.216.34", "", "93.184.216.34"),
        ("93.184.216.34", "8.8.8.8", "93.184.216.34"),  # anybody can write that
        ("::ffff:93.184.216.34", "", "93.184.216.34"),
        ("2a00:1450:4001:81b::200e", "", "2a00:1450:4001:81b::/64"),
        ("2a00:1450:4001:81b:ffff::1", "", "2a00:1450:4001:81b::/64"),
        ("127.0.0.1", "8.8.8.8", ""),
        ("192.168.1.20", "", ""),
        ("fe80::1%eth0", "", ""),
        ("::1", "", ""),
        ("", "", ""),
    ],
)
def test_without_trusted_proxies_the_peer_is_the_client(peer: str, forwarded: str, client: str) -> None:
    assert client_of({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}, ()) == client


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("127.0.0.1", "8.8.8.8", "8.8.8.8"),
        ("127.0.0.1", "1.1.1.1, 8.8.8.8", "8.8.8.8"),  # the first was invented by the client
        ("127.0.0.1", "1.1.1.1, 8.8.8.8, 10.1.2.3", "8.8.8.8"),
        ("127.0.0.1", "8.8.8.8:4711", "8.8.8.8"),
        ("127.0.0.1", "[2a00:1450:4001:81b::1]:4711", "2a00:1450:4001:81b::/64"),
        ("fd00::5", "192.168.7.7", "192.168.7.7"),  # behind a proxy clients can be told apart, wherever they are
        ("10.9.9.9", "8.8.8.8, nonsense", ""),
        ("10.9.9.9", "10.1.1.1,10.2.2.2", ""),
        ("10.9.9.9", "8.8.8.8" + ", 10.0.0.1" * 5000, ""),
        ("10.9.9.9", "," * 60_000, ""),
        ("10.9.9.9", "", ""),
        ("", "8.8.8.8", "8.8.8.8"),  # over a Unix socket
        ("93.184.216.34", "8.8.8.8", "93.184.216.34"),  # it came past the proxy
    ],
)
def test_behind_trusted_proxies_it_is_the_last_address_that_is_none(peer: str, forwarded: str, client: str) -> None:
    assert client_of({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}, PROXIES) == client


def test_a_client_gets_its_burst_and_then_as_much_as_time_brings() -> None:
    clock = Clock()
    limits = Limits(clock=clock, one_client=Rate(3, 2))
    assert [limits.take("a", 1) for _ in range(4)] == [0, 0, 0, 0.5]
    assert limits.take("b", 1) == 0, "others are not concerned"
    clock.now += 0.5
    assert [limits.take("a", 1) for _ in range(2)] == [0, 0.5]
    clock.now += 3600
    assert [limits.take("a", 1) for _ in range(4)] == [0, 0, 0, 0.5]


def test_who_is_refused_does_not_pay() -> None:
    clock = Clock()
    limits = Limits(clock=clock, one_client=Rate(1, 1))
    limits.take("a", 1)
    assert [limits.take("a", 1) for _ in range(100)] == [1] * 100
    clock.now += 1
    assert limits.take("a", 1) == 0


def test_any_number_of_clients_takes_bounded_memory() -> None:
    limits = Limits(clock=Clock(), one_client=Rate(1, 1), max_clients=100)
    for number in range(10_000):
        limits.take(f"client {number}", 1)
    assert len(limits._levels) == 100
    assert limits.take("client 9999", 1) > 0, "the latest is known"
    assert limits.take("client 0", 1) == 0, "the first was forgotten"


def test_threads_share_one_budget() -> None:
    limits = Limits(clock=Clock(), one_client=Rate(100, 1))
    passed: list[float] = []
    threads = [Thread(target=lambda: passed.extend(limits.take("a", 1) for _ in range(50))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passed.count(0) == 100


def test_a_gate_says_when_to_come_again() -> None:
    gate = Limits(clock=Clock(), one_client=Rate(1, 0.1)).gate(1)
    app = Flask(__name__)
    with app.test_request_context(environ_base={"REMOTE_ADDR": "93.184.216.34"}):
        gate()
        with pytest.raises(TooManyRequests) as refused:
            gate()
    assert ("Retry-After", "10") in refused.value.get_headers()


def test_work_that_nobody_asked_for_is_not_rationed() -> None:
    gate = Limits(clock=Clock(), shared=Rate(1, 1)).gate(1)
    for _ in range(10):
        gate()


def test_who_searches_too_much_is_asked_to_come_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.search.Limits", lambda trusted: Limits(trusted, clock=lambda: 0.0))
    place = Place(tmp_path)
    place.write("articles/a.md", article("A river", BODY))
    place.scan()
    client = create_app(place.config, place.store).test_client()
    stranger = {"REMOTE_ADDR": "93.184.216.34"}
    asked = [client.get(f"/search.atom?q=river{number}", environ_base=stranger) for number in range(70)]
    assert {answer.status_code for answer in asked} == {200, 429}
    assert asked[0].status_code == 200
    late = asked[-1]
    assert late.status_code == 429
    assert int(late.headers["Retry-After"]) >= 1
    assert client.get("/search.atom?q=river0", environ_base=stranger).status_code == 200  # this one is kept
    assert client.get("/latest.atom", environ_base=stranger).status_code == 200
    assert client.get("/search?q=river", environ_base={"REMOTE_ADDR": "8.8.8.8"}).status_code == 200
    place.store.close()


def test_who_asks_for_much_that_is_not_there_is_no_longer_told_what_it_may_have_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.views.Limits", lambda trusted: Limits(trusted, lambda: 0.0, Rate(1, 1)))
    place = Place(tmp_path)
    place.write("articles/a.md", article("A river", BODY))
    place.scan()
    client = create_app(place.config, place.store).test_client()
    asked = [client.get("/sources/sorce", environ_base={"REMOTE_ADDR": "8.8.8.8"}) for _ in range(30)]
    assert {answer.status_code for answer in asked} == {404}
    assert ["/sources/source" in answer.text for answer in asked] == [True] * 10 + [False] * 20
    assert "/sources/source" in client.get("/sources/sorce", environ_base={"REMOTE_ADDR": "9.9.9.9"}).text
    place.store.close()


def test_errors_are_made_once_in_each_language(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.scan()
    client = create_app(place.config, place.store).test_client(use_cookies=False)
    for _ in range(2):
        english, chinese = (client.post(f"/latest?lang={name}") for name in ("en", "zh"))
        assert ("This page can only be read" in english.text, "This page" in chinese.text) == (True, False)
        assert client.post("/latest").text == english.text
    place.store.close()


def test_behind_a_proxy_that_the_config_trusts_each_client_has_its_own_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.search.Limits", lambda trusted: Limits(trusted, clock=lambda: 0.0))
    place = Place(tmp_path, f"server: {{trusted_proxies: 127.0.0.1}}\n{ONE_SOURCE}")
    place.scan()
    client = create_app(place.config, place.store).test_client()

    def search(number: int, forwarded: str) -> int:
        return client.get(f"/search.atom?q=w{number}", headers={"X-Forwarded-For": forwarded}).status_code

    assert {search(number, f"1.1.1.{number}, 8.8.8.8") for number in range(70)} == {200, 429}, "it invents addresses"
    assert search(100, "9.9.9.9") == 200
    place.store.close()
