"""From a picture beside an article file to its bytes in a feed reader, and what happens as files come and go."""

import re
import shutil
from urllib.parse import urlsplit

import feedparser
from flask.testing import FlaskClient

from aggregator.models import Filed
from feeds import create_app
from tests.support import BODY, ONE_SOURCE, Place, article

PICTURE = b"RIFF a picture"
SHOWN = f'<p><img src="pictures/a.webp"></p>{BODY}'
ELSEWHERE = "https://source.example/pictures/a.webp"  # what the reference means when there is no such file


def client(place: Place) -> FlaskClient:
    return create_app(place.config, place.store).test_client()


def picture(filed: Filed) -> str:
    match = re.search(r'src="([^"]+)"', filed.article.content)
    assert match
    return match[1]


def served(place: Place, path: str = "latest") -> list[bytes]:
    """What the pictures of a feed's entries are, as a feed reader fetches them."""
    web, site = client(place), place.config.site.url
    feed = feedparser.parse(web.get(f"/{path}.atom").data)
    addresses = [
        address for entry in feed.entries for address in re.findall(r'src="([^"]+)"', entry.content[0].value)
    ]
    assert addresses
    assert all(address.startswith(f"{site}/media/") for address in addresses)
    return [web.get(f"/media/{address.partition('/media/')[2]}", buffered=True).data for address in addresses]


def test_a_picture_beside_an_article_reaches_feeds_and_pages(place: Place) -> None:
    place.write("articles/pictures/a.webp", PICTURE)
    place.write("articles/ferry.md", article("Ferry", SHOWN, cover="pictures/a.webp"))
    assert place.scan()["source"].new == 1
    assert served(place) == [PICTURE]
    web = client(place)
    for address in ("/latest.rss", "/latest.json", f"/articles/{place.only().id}"):
        text = web.get(address).text
        assert "http://feeds.example/media/" in text, address
        assert "media.invalid" not in text, address


def test_the_site_may_move(place: Place) -> None:
    place.write("articles/pictures/a.webp", PICTURE)
    place.write("articles/ferry.md", article("Ferry", SHOWN))
    place.scan()
    before = place.only()
    place.configure(ONE_SOURCE.replace("feeds.example", "news.example/feeds"))
    assert place.scan()["source"].unchanged == 1
    assert place.only() == before
    assert served(place) == [PICTURE]
    assert "https://" not in picture(before).replace("https://media.invalid/", "")


def test_a_picture_that_comes_after_its_article(place: Place) -> None:
    place.write("articles/ferry.md", article("Ferry", SHOWN))
    place.scan()
    first = place.only()
    assert picture(first) == ELSEWHERE
    place.later(minutes=5)
    place.scan()
    assert place.only() == first
    place.write("articles/pictures/a.webp", PICTURE)
    place.later(minutes=5)
    place.scan()
    second = place.only()
    assert (second.id, second.updated, second.published) == (first.id, first.updated, first.published)
    assert second.changed > first.changed  # caches and pollers must see it
    assert served(place) == [PICTURE]
    place.later(minutes=5)
    place.scan()
    assert place.only() == second


def test_one_of_two_pictures_is_late(place: Place) -> None:
    body = f'<p><img src="a.webp"><img src="b.webp"></p>{BODY}'
    place.write("articles/a.webp", PICTURE)
    place.write("articles/ferry.md", article("Ferry", body, cover="c.webp"))
    place.scan()
    first = place.only()
    assert first.article.content.count("media.invalid") == 1
    for name in ("b", "c"):
        place.later(minutes=5)
        place.write(f"articles/ferry/{name}.webp", PICTURE)  # in Hexo's asset folder
        place.scan()
    last = place.only()
    assert last.article.content.count("media.invalid") == 2
    assert last.article.image is not None
    assert last.article.image.endswith("/ferry/c.webp")
    assert last.updated == first.updated


def test_a_folder_that_is_written_anew_is_no_news(place: Place) -> None:
    """A crawler deletes all, writes the articles with the time of its run, and only then the pictures."""
    place.write("articles/pictures/a.webp", PICTURE)
    place.write("articles/ferry.md", article("Ferry", SHOWN, "2026-11-20 08:00:00"))
    place.scan()
    first = place.only()
    for hour in (9, 10):
        place.later(hours=1)
        place.empty()
        place.scan()
        place.write("articles/ferry.md", article("Ferry", SHOWN, f"2026-11-20 {hour}:00:00"))
        place.scan()
        assert place.only() == first
        place.write("articles/pictures/a.webp", PICTURE)
        place.scan()
        assert place.only() == first
    assert served(place) == [PICTURE]


def test_a_picture_that_is_deleted_keeps_its_place_in_the_article(place: Place) -> None:
    file = place.write("articles/pictures/a.webp", PICTURE)
    place.write("articles/ferry.md", article("Ferry", SHOWN))
    place.scan()
    address = picture(place.only())
    file.unlink()
    place.write("articles/ferry.md", article("Ferry", SHOWN + "<p>The last one goes at nine.</p>"))
    place.later(minutes=5)
    place.scan()
    assert picture(place.only()) == address
    place.write("articles/pictures/a.webp", PICTURE)
    assert served(place) == [PICTURE]


def test_an_article_in_two_channels_is_one_with_or_without_a_picture_each(place: Place) -> None:
    for channel in ("news", "city"):
        place.write(f"articles/{channel}/pictures/a.webp", PICTURE)
        place.write(f"articles/{channel}/ferry.md", article("Ferry", SHOWN, categories=f"[{channel}]"))
    assert place.scan()["source"].new == 1
    first = place.only()
    assert len(first.article.categories) == 2
    for channel in ("news", "city"):  # each is written again, and the article does not go to and fro
        place.later(minutes=5)
        place.write(f"articles/{channel}/ferry.md", article("Ferry", SHOWN, categories=f"[{channel}]") + " ")
        place.scan()
        assert place.only() == first


def test_the_same_words_around_another_picture_are_another_article(place: Place) -> None:
    for day in ("01", "02"):
        place.write(f"articles/{day}/comic.png", PICTURE + day.encode() * int(day))
        place.write(f"articles/{day}/index.md", article("Comic", '<p><img src="comic.png"></p>', f"2026-11-{day}"))
    assert place.scan()["source"].new == 2


def test_an_article_that_moves_with_its_picture(place: Place) -> None:
    place.write("articles/old/pictures/a.webp", PICTURE)
    place.write("articles/old/ferry.md", article("Ferry", SHOWN))
    place.scan()
    first = place.only()
    (place.root / "articles/old").rename(place.root / "articles/new")
    place.later(minutes=5)
    place.scan()
    second = place.only()
    assert (second.id, second.updated) == (first.id, first.updated)
    assert urlsplit(picture(second)).path.endswith("/new/pictures/a.webp")
    assert served(place) == [PICTURE]


def test_a_folder_that_the_config_calls_by_another_name(place: Place) -> None:
    place.write("articles/a.webp", PICTURE)
    place.write("articles/ferry.md", article("Ferry", "<p>Ferry</p>", cover="a.webp"))
    place.scan()
    first = place.only()
    shutil.move(place.root / "articles", place.root / "posts")
    place.configure(ONE_SOURCE.replace("path: articles", "path: posts"))
    place.later(minutes=5)
    place.scan()
    second = place.only()
    assert (second.id, second.updated) == (first.id, first.updated)
    assert second.article.image != first.article.image
    address = second.article.image or ""
    assert client(place).get("/media/" + address.partition("invalid/")[2], buffered=True).data == PICTURE


def test_a_new_reference_is_an_edit(place: Place) -> None:
    for name in ("a", "b"):
        place.write(f"articles/pictures/{name}.webp", PICTURE)
    place.write("articles/ferry.md", article("Ferry", SHOWN))
    place.scan()
    first = place.only()
    place.later(minutes=5)
    place.write("articles/ferry.md", article("Ferry", SHOWN.replace("a.webp", "b.webp")))
    assert place.scan()["source"].updated == 1
    assert place.only().updated > first.updated
    assert picture(place.only()).endswith("/pictures/b.webp")


def test_what_the_source_excludes_stays_private(place: Place) -> None:
    place.configure(ONE_SOURCE.replace("path: articles", "path: articles, exclude: [pictures/]"))
    place.write("articles/pictures/a.webp", PICTURE)
    place.write("articles/ferry.md", article("Ferry", SHOWN))
    place.scan()
    assert picture(place.only()) == ELSEWHERE


def test_a_file_that_is_too_large_is_a_problem_of_the_article(place: Place) -> None:
    with place.write("articles/clip.mp4", b"").open("ab") as file:
        file.truncate(101 * 2**20)
    place.write("articles/ferry.md", article("Ferry", f'{BODY}<video src="clip.mp4"></video>'))
    for _ in range(2):
        assert place.scan()["source"].problems == 1
        place.later(minutes=5)
    (problem,) = place.store.ledger.problems()
    assert (problem.path, problem.field) == ("ferry.md", "body")
    assert "clip.mp4 has 105,906,176 bytes" in problem.message


def test_hostile_references_stay_in_the_folder(place: Place) -> None:
    place.write("secret.png", PICTURE)
    place.write("articles/.git/a.png", PICTURE)
    (place.root / "articles/link.png").symlink_to("../secret.png")
    names = ("../secret.png", "..%2fsecret.png", ".git/a.png", "link.png", "/secret.png", "%2e%2e/secret.png")
    place.write("articles/ferry.md", article("Ferry", BODY + "".join(f'<img src="{name}">' for name in names)))
    place.scan()
    assert "media.invalid" not in place.only().article.content


def test_who_writes_the_address_that_never_exists_gains_nothing(place: Place) -> None:
    place.write("secret.png", PICTURE)
    key = "0" * 12
    references = (
        f"https://media.invalid/{key}/a.png",
        "https://media.invalid/../admin",
        "https://media.invalid/x.png",
    )
    place.write("articles/ferry.md", article("Ferry", BODY + "".join(f'<img src="{name}">' for name in references)))
    place.scan()
    web = client(place)
    found = re.findall(r'src=\\"([^"]+)\\"', web.get("/latest.json").text)
    assert found[0] == f"http://feeds.example/media/{key}/a.png"
    assert web.get(f"/media/{key}/a.png").status_code == 404
    assert all(address.startswith("https://media.invalid/") for address in found[1:])
