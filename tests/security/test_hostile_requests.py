"""Requests that no honest client sends, byte for byte, to the real server: each is refused or does no harm."""

from collections.abc import Iterator

import pytest

from tests.readers.server import free_port, running
from tests.support import BODY, Place, article
from torture.raw import Hostile, ask, get, hostile

CONFIG = """
site: {{url: "https://feeds.example.com"}}
server: {{port: {port}, workers: 1}}
sources: [{{title: Source, slug: source, path: articles}}]
"""
CASES = list(hostile())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    made = Place(tmp_path_factory.mktemp("service"), CONFIG.format(port=free_port()))
    for number in range(3):
        made.write(f"articles/{number}.md", article(f"Story {number}", f"{BODY}{number}", categories="[文]"))
    made.scan()
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def port(place: Place) -> Iterator[int]:
    port = place.config.server.port
    with running("serve", place.root, f"http://127.0.0.1:{port}"):
        yield port


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_is_refused_or_does_no_harm(port: int, case: Hostile) -> None:
    answer = ask(port, case.raw)
    assert answer.status in case.statuses
    assert not answer.more, "what came behind it was taken for a request"
    assert "x-evil" not in answer.headers
    assert b"Traceback" not in answer.body
    assert b"canary" not in answer.body
    assert "evil.example" not in answer.headers.get("location", "").partition("//")[2].partition("/")[0]
    assert ask(port, get("/latest.atom")).status == 200


def test_the_log_has_no_traceback(place: Place, port: int) -> None:
    for case in CASES[::10]:
        ask(port, case.raw)
    assert "Traceback" not in (place.root / "log").read_text(encoding="utf-8")
