"""The status page in a real browser, for an operator with a screen, a phone, or a screen reader."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from feeds import create_app
from tests.browser.test_browser import serious
from tests.browser.visitor import DESKTOP, PHONE, Visitor, visitor
from tests.status.status_samples import lived

LIVES = timedelta(minutes=3, seconds=40)  # how long `lived` goes on after the time it is given
TALL = {"width": 1024, "height": 1400}
WORDS = {"en": ("Status", "5 sources need a look"), "zh": ("运行状态", "5 个来源需要查看")}


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service that has run for a month."""
    place = lived(tmp_path_factory.mktemp("month"), datetime.now(UTC) - LIVES)
    server = make_server("127.0.0.1", 0, create_app(place.config, place.store), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()
    place.store.close()


def look(browser: Browser, address: str, language: str, scheme: str, size: dict[str, int]) -> Visitor:
    seen = visitor(browser, address, language, color_scheme=scheme, viewport=size)
    assert seen.open("/status").status == 200
    return seen


@pytest.mark.parametrize(
    ("language", "scheme", "size"),
    [("en", "light", TALL), ("zh", "dark", TALL), ("en", "dark", PHONE), ("zh", "light", PHONE)],
    ids=["desktop-light", "desktop-dark", "phone-dark", "phone-light"],
)
def test_the_page_is_right_in_every_way_it_is_shown(
    browser: Browser, month: str, keep: Callable[[Page, str], None], language: str, scheme: str, size: dict[str, int]
) -> None:
    seen = look(browser, month, language, scheme, size)
    heading, verdict = WORDS[language]
    assert (seen.heading(), seen.page.locator(".verdict").inner_text()) == (heading, verdict)
    assert (seen.brightness() > 128) == (scheme == "light")
    assert not seen.scrolls_sideways()
    assert serious(seen.page) == []
    for place, text in texts(seen.page):
        assert place["x"] >= 0, text
        assert place["x"] + place["width"] <= size["width"], text
    if (language, scheme, size) == ("en", "light", TALL):
        keep(seen.page, "status")
    assert seen.wrong == []
    seen.page.context.close()


def texts(page: Page) -> Iterator[tuple[dict[str, float], str]]:
    """The texts of graphs and where they are; no two of one graph may cover each other."""
    for graph in page.locator("svg.plot").all():
        found = [
            (box, text.text_content() or "")
            for text in graph.locator("text.tick").all()
            if (box := text.bounding_box())
        ]
        ends = 0.0
        for box, text in found:
            assert box["x"] >= ends, text
            ends = box["x"] + box["width"]
            yield dict(box), text


def test_problems_unfold_and_lead_to_their_file(browser: Browser, month: str) -> None:
    seen = look(browser, month, "en", "light", DESKTOP)
    page = seen.page
    row = page.get_by_role("row").filter(has_text="ZAKER")
    row.get_by_role("link", name="8", exact=True).click()
    assert page.url.endswith("#problems-1")
    group = page.locator("details.problem").first
    assert not group.locator("code", has_text="crawl/undated/0.md").is_visible()
    group.locator("summary").focus()
    page.keyboard.press("Enter")
    assert group.locator("code", has_text="crawl/undated/0.md").is_visible()
    assert group.get_by_text("'soon' is no date").is_visible()
    row.get_by_role("link", name="ZAKER").click()
    assert seen.heading() == "ZAKER"
    assert seen.wrong == []
    page.context.close()


def test_graphs_have_names_and_states_have_words(browser: Browser, month: str) -> None:
    seen = look(browser, month, "en", "light", DESKTOP)
    page = seen.page
    names = [graph.get_attribute("aria-labelledby") for graph in page.locator("svg.plot").all()]
    told = [page.locator(f"#{name}").text_content() or "" for name in names]
    assert told[0].startswith("Articles a day: ")
    assert told[1].startswith("Open problems over time: at most ")
    assert any(text.startswith("How long scans of crawl took: ") for text in told)
    for source, state in (("Fog Signals", "Scan fails"), ("Night Ferry", "Late"), ("Old Lighthouse", "Switched off")):
        row = page.get_by_role("row").filter(has_text=source)
        assert row.locator(".state").inner_text() == state
    page.context.close()
