"""/status and /status.json as an operator, a program and a stranger get them."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from aggregator.models import Problem
from aggregator.status import as_json, read_status
from feeds import create_app, status
from feeds.status import FRESH, GROUPS, MOST_ROWS, ROWS, code, took
from tests.support import BODY, START, Place, article

HOSTILE = '<script>alert(1)</script> & "quotes" `code`'


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """The pages do not know which database it is."""
    made = Place(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Tells the clock of the routes."""
    told = [START]

    class Told(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return told[0]

    monkeypatch.setattr(status, "datetime", Told)

    def tell(moment: datetime) -> None:
        told[0] = moment

    return tell


def client(place: Place, language: str = "en") -> FlaskClient:
    made = create_app(place.config, place.store).test_client()
    made.set_cookie("lang", language)
    return made


class Words(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_json_is_what_the_command_prints(month: Place, clock: Callable[[datetime], None]) -> None:
    clock(month.now)
    answer = client(month).get("/status.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == json.loads(json.dumps(as_json(read_status(month.store, month.config, month.now))))


def test_the_page_tells_every_source_folder_and_kind_of_problem(
    month: Place, clock: Callable[[datetime], None]
) -> None:
    clock(month.now)
    answer = client(month).get("/status")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    found, shown = read_status(month.store, month.config, month.now), Words(answer.text)
    for source in found.sources:
        assert source.title in shown.words
        if source.page:
            assert f'href="{source.page.removeprefix("http://127.0.0.1:8000")}"' in answer.text
    assert all(folder.path in shown.words for folder in found.folders)
    assert all(group.message.replace("`", "") in shown.words for group in found.problems)
    assert "5 sources need a look" in shown.words
    assert "in 4 min" in shown.words
    assert "due 3 h ago" in shown.words
    assert answer.text.count('role="img"') >= 2 + 5
    assert "style" not in [name for name, _ in shown.attributes]  # the page's policy forbids it
    assert shown.tags.count("script") == 1  # the site's own; nothing here is drawn by it


def test_the_page_in_chinese(month: Place, clock: Callable[[datetime], None]) -> None:
    clock(month.now)
    words = Words(client(month, "zh").get("/status").text).words
    for expected in ("运行状态", "5 个来源需要查看", "4 分钟后", "每日文章", "扫描失败"):
        assert expected in words


def test_an_empty_store_has_a_page(place: Place, clock: Callable[[datetime], None]) -> None:
    clock(place.now)
    for language, words in (("en", "The first scan is not done yet"), ("zh", "首次扫描尚未完成")):
        answer = client(place, language).get("/status")
        assert answer.status_code == 200
        assert words in answer.text


def test_a_good_service_is_told_so(place: Place, clock: Callable[[datetime], None]) -> None:
    clock(place.now)
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    assert "Everything works" in client(place).get("/status").text
    place.store.ledger.notify("config config.yaml", ["line 3 is wrong"], place.now)
    shown = client(place).get("/status").text
    assert "The service needs a look" in shown
    assert "line 3 is wrong" in shown


def test_hostile_texts_are_only_shown(place: Place, clock: Callable[[datetime], None]) -> None:
    clock(place.now)
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    with place.store.batch(place.store.ledger.folder("articles"), place.now) as batch:
        batch.keep_problems(f"{HOSTILE}/a.md", "source", [Problem(HOSTILE, HOSTILE)])
        batch.keep_problems("b.md", f"</h3>{HOSTILE}", [Problem("b")])
    place.store.ledger.notify(f"config {HOSTILE}", [HOSTILE], place.now)
    place.store.ledger.record_run(place.store.ledger.folder("articles"), place.now, place.now, {}, HOSTILE)
    shown = Words(client(place).get("/status").text)
    assert shown.tags.count("script") == 1
    assert shown.words.count("<script>alert(1)</script>") >= 6
    assert client(place).get("/status.json").json["notices"][0]["message"] == HOSTILE


def test_backquotes_are_code_and_nothing_else_is() -> None:
    assert code("see `a<b>` & `c") == "see <code>a&lt;b&gt;</code> &amp; `c"


def test_no_secret_is_told(month: Place, clock: Callable[[datetime], None]) -> None:
    clock(month.now)
    for path in ("/status", "/status.json"):
        text = client(month).get(path).text
        assert str(month.root) not in text
        assert "sqlite" not in text


def test_the_store_is_read_once_a_second_at_most(
    place: Place, clock: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[datetime] = []

    def count(*arguments: object, **options: object) -> object:
        times.append(arguments[2])  # type: ignore[arg-type]
        return read_status(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(status, "read_status", count)
    visitor = client(place)
    for later in (timedelta(), FRESH / 2, FRESH, FRESH * 1.5):
        clock(START + later)
        for path in ("/status", "/status.json", "/status?lang=zh"):
            assert visitor.get(path).status_code == 200
    assert times == [START, START + FRESH]


def test_nothing_before_the_app_keeps_an_older_status(place: Place, clock: Callable[[datetime], None]) -> None:
    app: Flask = create_app(place.config, place.store)
    seen = []
    for later in (timedelta(), timedelta(hours=1)):
        clock(START + later)
        answer = app.test_client(use_cookies=False).get("/status.json")
        seen.append(answer.json["time"])
    assert seen == ["2026-11-20T12:00:00+00:00", "2026-11-20T13:00:00+00:00"]
    held = {"If-None-Match": answer.headers["ETag"]}
    assert app.test_client().get("/status.json", headers=held).status_code == 304


def test_a_large_site_has_a_page_that_can_be_read(place: Place, clock: Callable[[datetime], None]) -> None:
    number = MOST_ROWS + 50
    sources = "\n".join(f"  - {{title: Source {place}, path: articles, match: {{a: x}}}}" for place in range(number))
    place.configure(f"sources:\n{sources}")
    clock(place.now)
    with place.store.batch(place.store.ledger.folder("articles"), place.now) as batch:
        for kind in range(GROUPS * 2):
            found = [Problem(f"'{copy}' is wrong", f"field{kind}") for copy in range(20)]
            batch.keep_problems(f"{kind}.md", f"source-{kind % 7}", found)
    visitor = client(place)
    text = visitor.get("/status").text
    assert text.count('class="problem"') == GROUPS
    assert f"{number - ROWS} more sources" in text
    assert "and 50 more: see status.json" in text
    assert f"and {GROUPS} more: see status.json" in text
    assert len(visitor.get("/status", headers={"Accept-Encoding": "br"}).data) < 30_000
    assert len(visitor.get("/status.json").json["sources"]) == number


def test_every_page_leads_to_the_status(month: Place) -> None:
    assert re.search(r'<footer.*href="/status"', client(month).get("/").text, re.DOTALL)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 ms"),
        (0.034, "34 ms"),
        (0.25, "0.25 s"),
        (2.34, "2.3 s"),
        (61, "61 s"),
        (150, "2.5 min"),
        (9000, "2.5 h"),
    ],
)
def test_how_long_a_scan_took(month: Place, seconds: float, words: str) -> None:
    with create_app(month.config, month.store).test_request_context("/?lang=en"):
        assert took(seconds) == words
