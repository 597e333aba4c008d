"""A server with the sample articles, and a browser. Both start once."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.visitor import Visit, Visitor, visitor
from tests.readers.server import ROOT, free_port, running

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", action="store_true", help="write docs/*.png anew (run pytest on tests/browser)")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Without it these tests are skipped, but never where CI is set."""
    if not Path(CHROMIUM).exists():
        reason = f"{CHROMIUM} is missing (apt-get install chromium): nobody looked at the pages in a browser"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the real service on a copy of the repository's samples and config."""
    root = tmp_path_factory.mktemp("site")
    port = free_port()
    shutil.copytree(ROOT / "seeds", root / "seeds")
    config = (ROOT / "config.yaml").read_text(encoding="utf-8")
    (root / "config.yaml").write_text(re.sub(r"\b8000\b", str(port), config), encoding="utf-8")
    with running("run", root, address := f"http://127.0.0.1:{port}"):
        yield address


@pytest.fixture
def visit(browser: Browser, base: str) -> Iterator[Visit]:
    """Opens windows; at the end nothing may have gone wrong in any of them."""
    opened: list[Visitor] = []

    def make(language: str = "", **options: Any) -> Visitor:
        opened.append(visitor(browser, base, language, **options))
        return opened[-1]

    yield make
    for one in opened:
        one.page.context.close()
    assert [wrong for one in opened for wrong in one.wrong] == []


@pytest.fixture
def keep(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Writes a page's screenshot into docs/, where `--screenshots` asks for it."""

    def shoot(page: Page, name: str) -> None:
        if request.config.getoption("--screenshots", default=False):
            page.wait_for_load_state("networkidle")
            page.screenshot(path=ROOT / f"docs/{name}.png")

    return shoot
