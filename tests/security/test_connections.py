"""Slow and many clients: the more connections, the smaller answers must be; the kernel ends what is not fetched."""

import resource
import socket
import sys
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import Client, create_environ

from feeds.connections import CONNECTIONS, FEW, OTHER_FILES, Bounded, hang_up_on_stalled, make_room

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

ROOM = 1000


class Site:
    """An app whose answers have `size` bytes, of which it keeps all in memory or none."""

    def __init__(self, size: int, *, whole: bool = True) -> None:
        self.size, self.whole = size, whole
        self.closed = 0

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        start_response("200 OK", [("Content-Length", str(self.size)), ("ETag", '"x"')])
        return (b"x" * self.size,) if self.whole else Given(self)


class Given:
    def __init__(self, site: Site) -> None:
        self.site = site
        self.parts = iter([b"x" * site.size])

    def __iter__(self) -> "Given":
        return self

    def __next__(self) -> bytes:
        return next(self.parts)

    def close(self) -> None:
        self.site.closed += 1


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def ask(site: Site, connections: int, method: str = "GET", **environ: Any) -> Any:
    bounded = Bounded(site, lambda: 1000, lambda _: connections - 1, most=ROOM)
    return Client(bounded).open("/latest.atom", method=method, environ_overrides=environ)


@pytest.mark.parametrize(
    ("size", "connections", "status"),
    [(10, 100, 200), (11, 100, 503), (1, 1000, 200), (1000, 1, 200), (1001, 1, 503), (0, 10_000, 200)],
)
def test_the_more_clients_do_not_fetch_theirs_the_smaller_answers_have_to_be(
    size: int, connections: int, status: int
) -> None:
    answer = ask(Site(size), connections)
    assert answer.status_code == status
    assert answer.headers.get("ETag") == ('"x"' if status == 200 else None)
    if status == 503:
        assert (answer.headers["Retry-After"], answer.headers["Cache-Control"]) == ("10", "no-store")
        assert answer.content_length == len(answer.data)


def test_files_that_are_read_while_they_are_sent_are_not_meant() -> None:
    site = Site(500, whole=False)
    answer = ask(site, 100)
    assert len(answer.data) == 500
    answer.close()
    assert site.closed == 1


def test_an_answer_that_is_refused_is_closed() -> None:
    site = Site(500, whole=False)
    assert ask(site, 100, **{"feeds.lasting": False}).status_code == 503
    assert site.closed == 1


def test_answers_without_a_body_take_no_room() -> None:
    assert ask(Site(500), 100, "HEAD").status_code == 200


def test_connections_are_counted_ten_times_a_second_at_most() -> None:
    counted: list[float] = []
    clock = Clock()

    def count() -> int:
        counted.append(clock.now)
        return 1

    client = Client(Bounded(Site(1), count, clock=clock))
    for moment in (0.0, 0.05, 0.09, 0.11, 0.2, 0.25):
        clock.now = moment
        client.get("/")
    assert counted == [0.0, 0.11, 0.25]


def test_with_few_connections_answers_may_be_of_any_size() -> None:
    site = Site(100 * ROOM)
    assert Client(Bounded(site, lambda: 63, lambda _: 62, most=ROOM)).get("/").status_code == 200
    assert Client(Bounded(site, lambda: 64, lambda _: 62, most=ROOM)).get("/").status_code == 503


def test_until_it_is_looked_again_nobody_is_believed_to_have_fetched_anything() -> None:
    clock = Clock()
    client = Client(Bounded(Site(ROOM // 4), lambda: 100, lambda _: 1, clock, ROOM))
    assert [client.get("/").status_code for _ in range(5)] == [200, 200, 200, 503, 503]
    clock.now += 0.2
    assert client.get("/").status_code == 200


def test_what_clients_did_not_fetch_is_counted() -> None:
    clock = Clock()
    with socket.create_server(("127.0.0.1", 0)) as server, ExitStack() as stack:
        pairs = [
            (
                stack.enter_context(socket.create_connection(server.getsockname())),
                stack.enter_context(server.accept()[0]),
            )
            for _ in range(FEW)
        ]
        client = Client(Bounded(Site(1), clock=clock, most=3))

        def status() -> int:
            clock.now += 1
            return client.get("/", f"http://127.0.0.1:{server.getsockname()[1]}").status_code

        sent = [fill(accepted) for _, accepted in pairs[:2]]
        assert {status() for _ in range(10)} == {200}
        sent.append(fill(pairs[2][1]))
        assert {status() for _ in range(3)} == {503}
        fetched = 0
        while fetched < sent[2]:
            fetched += len(pairs[2][0].recv(2**20))
        assert status() == 200


def fill(connection: socket.socket) -> int:
    """Send until the other side would have to fetch some; the bytes."""
    connection.setblocking(False)
    sent = 0
    with suppress(BlockingIOError):
        while True:
            sent += connection.send(bytes(2**16))
    return sent


@pytest.mark.skipif(sys.platform != "linux", reason="the option is Linux's")
def test_connections_to_a_port_end_when_their_clients_fetch_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_server(("127.0.0.1", 0)) as other:
        hang_up_on_stalled(server.getsockname()[1], seconds=7)
        with socket.create_connection(server.getsockname()) as client:
            accepted, _ = server.accept()
            assert limits(accepted, server) == [7000, 7000], "what is accepted takes it over"
            assert limits(other, client) == [0, 0]
            accepted.close()


def limits(*sockets: socket.socket) -> list[int]:
    return [one.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) for one in sockets]


def test_the_first_request_tells_which_port_that_is(monkeypatch: pytest.MonkeyPatch) -> None:
    ports: list[int] = []
    monkeypatch.setattr("feeds.connections.hang_up_on_stalled", ports.append)
    bounded = Bounded(Site(1))
    for _ in range(2):
        list(bounded(create_environ("/", "http://127.0.0.1:4711"), lambda *_: lambda _: None))
    assert ports == [4711]


@pytest.mark.parametrize(
    ("soft", "hard", "then", "allowed"),
    [
        (1024, 524288, CONNECTIONS + OTHER_FILES, CONNECTIONS),
        (65536, 524288, 65536, CONNECTIONS),
        (1024, 4096, 4096, 4096 - OTHER_FILES),
        (1024, 1024, 1024, 1024 - OTHER_FILES),
        (200, 200, 200, 1),
        (1024, resource.RLIM_INFINITY, CONNECTIONS + OTHER_FILES, CONNECTIONS),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, resource.RLIM_INFINITY, CONNECTIONS),
    ],
)
def test_as_many_connections_as_the_system_allows_files(
    soft: int, hard: int, then: int, allowed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = (soft, hard)

    def change(_: int, new: tuple[int, int]) -> None:
        nonlocal limit
        limit = new

    monkeypatch.setattr(resource, "getrlimit", lambda _: limit)
    monkeypatch.setattr(resource, "setrlimit", change)
    assert make_room() == allowed
    assert limit == (then, hard)
