"""The interface in two languages, as browsers and caches see it."""

import pytest
from flask.testing import FlaskClient

from feeds import create_app
from feeds.views import DATA_HEADERS
from tests.feeds.fake_library import FakeLibrary
from tests.feeds.feed_samples import make_config, make_filed

SUBSCRIBE = {"zh": "订阅", "en": "Subscribe"}


def browser(site_language: str = "zh-CN") -> FlaskClient:
    config = make_config()
    site = config.site.model_copy(update={"language": site_language})
    config = config.model_copy(update={"site": site, "feeds": config.feeds.model_copy(update={"limit": 2})})
    library = FakeLibrary([make_filed(number) for number in range(1, 6)])
    return create_app(config, library).test_client()


def language(client: FlaskClient, path: str = "/") -> str:
    response = client.get(path)
    (found,) = [name for name, word in SUBSCRIBE.items() if f">{word}</h2>" in response.text]
    assert f'<html lang="{"zh-CN" if found == "zh" else "en"}">' in response.text
    return found


@pytest.mark.parametrize(
    ("site", "shown"),
    [("zh-CN", "zh"), ("zh", "zh"), ("zh-Hant-TW", "zh"), ("en-GB", "en"), ("fr", "en"), ("zhx", "en")],
)
def test_the_site_says_which_language_is_spoken_at_first(site: str, shown: str) -> None:
    assert language(browser(site)) == shown


def test_a_choice_is_answered_at_once_and_remembered() -> None:
    client = browser()
    response = client.get("/latest?lang=en")
    assert response.status_code == 200
    assert "Subscribe</h2>" in response.text
    cookie = response.headers["Set-Cookie"]
    for attribute in ("lang=en;", "Max-Age=31536000", "SameSite=Lax", "HttpOnly", "Path=/reading/"):
        assert attribute in cookie
    assert response.headers["Cache-Control"] == "private, no-cache"
    client.set_cookie("lang", "en")
    assert language(client) == "en"
    assert "Set-Cookie" not in client.get("/").headers
    assert language(client, "/?lang=zh") == "zh"  # the address wins


@pytest.mark.parametrize("value", ["", "de", "ZH", "zh-CN", "../en", "%00", "en\n", "'", "e" * 3000])
def test_what_is_no_language_is_ignored(value: str) -> None:
    client = browser()
    response = client.get("/", query_string={"lang": value})
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    client.set_cookie("lang", value)
    assert language(client) == "zh"


@pytest.mark.parametrize("path", ["/", "/latest", "/sources/harbour-light", "/nothing"])
def test_caches_keep_the_languages_apart(path: str) -> None:
    client = browser()
    chinese, again = client.get(path), client.get(path)
    client.set_cookie("lang", "en")
    english = client.get(path)
    assert "订阅" in chinese.text
    assert chinese.text == again.text
    assert "订阅" not in english.text
    for response in (chinese, english):
        assert "Cookie" in response.vary
    if path != "/nothing":
        assert chinese.headers["ETag"] != english.headers["ETag"]
        unchanged = client.get(path, headers={"If-None-Match": english.headers["ETag"]})
        assert (unchanged.status_code, "Cookie" in unchanged.vary) == (304, True)
        assert client.get(path, headers={"If-None-Match": chinese.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize("path", ["/latest.rss", "/latest.atom", "/latest.json", "/static/style.css", "/healthz"])
def test_nothing_else_knows_of_languages(path: str) -> None:
    client = browser()
    plain = client.get(path)
    chosen = client.get(f"{path}?lang=en")
    client.set_cookie("lang", "en")
    remembered = client.get(path)
    for response in (plain, chosen, remembered):
        assert (response.status_code, response.data) == (200, plain.data)
        assert "Cookie" not in response.vary
        assert "Set-Cookie" not in response.headers
        assert response.headers["Content-Security-Policy"] == DATA_HEADERS["Content-Security-Policy"]


def test_the_switch_stays_on_the_page() -> None:
    client = browser("en")
    assert 'href="?lang=zh"' in client.get("/latest").text
    older = next(part for part in client.get("/latest").text.split('"') if "/older/" in part)
    address = older.removeprefix("/reading")
    assert 'href="?lang=zh"' in client.get(address).text
    assert "更早的文章" in client.get(f"{address}?lang=zh").text
