"""Subscribers at a real browser: from the front page to a copied feed address, in every way that pages are shown."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.visitor import DESKTOP, PHONE, Visit

ARTICLE = "一台旧望远镜，让山村小学看见土星环"
WORDS = {
    "zh": {"all": "全部文章", "copy": "复制", "copied": "已复制", "newest": "最新文章", "lost": "找不到页面"},
    "en": {
        "all": "All articles",
        "copy": "Copy",
        "copied": "Copied",
        "newest": "Newest articles",
        "lost": "Page not found",
    },
}
TAGS = {"zh": "zh-CN", "en": "en"}
SIZES = {"desktop": DESKTOP, "phone": PHONE}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", WORDS)
def test_from_the_front_page_to_a_feed(
    visit: Visit, keep: Callable[[Page, str], None], language: str, scheme: str, size: str
) -> None:
    seen = visit(
        language, color_scheme=scheme, viewport=SIZES[size], permissions=["clipboard-read", "clipboard-write"]
    )
    page, words = seen.page, WORDS[language]
    shown = (language, scheme, size) == ("en", "light", "desktop")  # in the README

    def looks_right(name: str) -> None:
        assert seen.language() == TAGS[language]
        assert (seen.brightness() > 128) == (scheme == "light")
        assert not seen.scrolls_sideways()
        if shown:
            keep(page, name)

    seen.open("/")
    assert page.get_by_role("heading", name=words["newest"]).is_visible()
    looks_right("index")
    seen.follow("ZAKER", within="#sources")
    looks_right("source")
    page.go_back()
    seen.follow("新媒体", within="#categories")
    assert seen.heading() == "新媒体"
    seen.follow("ZAKER", within=".side .tree")
    assert seen.heading() == "ZAKER"
    assert page.locator(".trail").inner_text().split()[-3:] == ["新媒体", "›", "ZAKER"]
    looks_right("category")
    seen.follow(ARTICLE)
    assert seen.heading() == ARTICLE
    looks_right("article")
    page.get_by_role("button", name=words["copy"]).click()
    expect(page.locator(".subscribe [role=status]")).to_contain_text(words["copied"])
    address = page.evaluate("navigator.clipboard.readText()")
    assert address == page.locator("#feed-address").input_value() == f"{seen.base}/sources/zaker.atom"
    feed = page.request.get(address)
    assert (feed.status, ARTICLE in feed.text()) == (200, True)


@pytest.mark.parametrize(("language", "scheme"), [("zh", "light"), ("en", "dark")])
def test_everybody_can_use_the_pages(visit: Visit, language: str, scheme: str) -> None:
    seen = visit(language, color_scheme=scheme)
    for path in (
        "/",
        "/sources/zaker",
        "/categories/新媒体/ZAKER",
        "/latest",
        "/search?q=望远镜",
        "/search",
        "/sources/zakr",
    ):
        assert seen.open(path).status == (404 if path.endswith("zakr") else 200)
        assert serious(seen.page) == [], path
    assert seen.heading() == WORDS[language]["lost"]
    assert seen.page.locator(".scopes").get_by_role("link", name="ZAKER").is_visible()
    for source, article in (("zaker", ARTICLE), ("harbour-light", "Tea & Tide Tables")):
        seen.open(f"/sources/{source}")
        seen.follow(article)
        assert serious(seen.page) == [], article


def serious(page: Page) -> list[str]:
    """What axe-core finds on a page that keeps people out."""
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['html']}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def test_the_language_is_chosen_once(visit: Visit) -> None:
    seen = visit()
    seen.open("/sources/zaker")
    assert seen.language() == "zh-CN"  # the site's
    seen.follow("English")
    assert (seen.heading(), seen.language()) == ("ZAKER", "en")
    seen.follow(ARTICLE)
    assert seen.language() == "en"
    assert seen.page.locator(".content").get_attribute("lang") == "zh-CN"
    seen.follow("中文")
    assert (seen.heading(), seen.language()) == (ARTICLE, "zh-CN")
    seen.open("/")
    assert seen.language() == "zh-CN"


def test_the_keyboard_is_enough(visit: Visit) -> None:
    seen = visit("en")
    page = seen.page
    seen.open("/sources/zaker")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.get_by_role("searchbox").focus()
    page.keyboard.type("望远镜")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")


def test_pages_work_without_scripts(visit: Visit) -> None:
    seen = visit("en", java_script_enabled=False)
    seen.open("/sources/zaker")
    assert not seen.page.get_by_role("button", name="Copy").is_visible()
    assert seen.page.get_by_label("Feed address").input_value().endswith("/sources/zaker.atom")


def test_pictures_load_late_fit_and_keep_their_shape(visit: Visit) -> None:
    seen = visit("en", viewport=PHONE)
    seen.open("/sources/zaker")
    seen.follow(ARTICLE)
    pictures = seen.page.locator(".content img")
    assert pictures.count() == 2
    for picture in pictures.all():
        assert picture.get_attribute("loading") == "lazy"
        assert picture.get_attribute("referrerpolicy") == "no-referrer"
        assert int(picture.get_attribute("width") or 0) > PHONE["width"]  # what keeps its place until it is there
        picture.scroll_into_view_if_needed()
        shape = picture.evaluate("async image => (await image.decode(), image.naturalWidth / image.naturalHeight)")
        box = picture.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
        assert box["width"] / box["height"] == pytest.approx(shape, rel=0.02)


def test_paper_shows_the_article_only(visit: Visit) -> None:
    seen = visit("en", color_scheme="dark")
    seen.open("/sources/zaker")
    seen.follow(ARTICLE)
    seen.page.emulate_media(media="print", color_scheme="dark")
    for hidden in ("header.site", ".subscribe", "footer.site", ".neighbours", ".trail .step"):
        assert not seen.page.locator(hidden).is_visible()
    assert seen.page.locator("h1").is_visible()
    assert seen.page.locator(".content").is_visible()
    assert seen.brightness() == 255
