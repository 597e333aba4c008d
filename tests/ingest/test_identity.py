"""DESIGN's first decisions, as a subscriber would notice them: once, and never again."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support import BODY, OTHER, Place, article, one

PLACEHOLDER = "https://picsum.photos/400/300?random={}"


def test_new_then_unchanged(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY))
    assert one(place.scan()) == (1, 0, 0, 0)
    revision = place.store.revision()
    place.later(minutes=5)
    assert one(place.scan()) == (0, 0, 1, 0)
    assert place.store.revision() == revision


def test_rewrites_with_run_dates_and_placeholders_are_not_news(place: Place) -> None:
    for run in range(20):
        place.empty()
        naive = f"{place.now:%Y-%m-%d %H:%M:%S}"
        image = f"'{PLACEHOLDER.format(run * 37)}'"
        place.write("articles/c/s/x/a.md", article("A", BODY, naive, headimg=image, thumbnail=image), age=30)
        place.write("articles/c/s/y/a.md", article("A", BODY, naive, headimg=image, thumbnail=image), age=30)
        counts = one(place.scan())
        if run == 0:
            first, revision = place.only(), place.store.revision()
        else:
            assert counts == (0, 0, 1, 0)
            assert place.only() == first
            assert place.store.revision() == revision
        place.later(hours=1)


def test_an_emptied_folder_loses_nothing(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    place.empty()
    for _ in range(3):
        place.later(hours=1)
        assert one(place.scan()) == (0, 0, 0, 0)
    assert place.only().article.title == "A"


def test_an_edit_moves_updated_and_keeps_the_rest(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY))
    place.write("articles/b.md", article("B", OTHER))
    place.scan()
    before = {filed.article.title: filed for filed in place.feed()}
    place.later(hours=2)
    place.write("articles/a.md", article("A", BODY.replace("mill", "old mill")))
    assert one(place.scan()) == (0, 1, 1, 0)
    after = {filed.article.title: filed for filed in place.feed()}
    assert after["B"] == before["B"]
    assert after["A"].id == before["A"].id
    assert after["A"].published == before["A"].published
    assert after["A"].updated == place.now


def test_an_edit_says_itself_when_it_was_made(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    place.later(days=1)
    place.write("articles/a.md", article("A", BODY + "<p>More.</p>", updated="2026-11-20T20:00:00Z"))
    place.scan()
    assert place.only().updated == datetime(2026, 11, 20, 20, tzinfo=UTC)


def test_a_new_title_is_the_same_article(place: Place) -> None:
    place.write("articles/a.md", article("Old titel", BODY))
    place.scan()
    first = place.only()
    place.write("articles/a.md", article("A quite different headline", BODY, "2026-11-20 11:00:00"))
    assert one(place.scan()) == (0, 1, 0, 0)
    assert (place.only().id, place.only().article.title) == (first.id, "A quite different headline")


def test_a_moved_file_keeps_its_article(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    first = place.only()
    place.empty()
    place.write("articles/deep/b.md", article("A", BODY))
    assert one(place.scan()) == (0, 0, 1, 0)
    assert place.only() == first


@pytest.mark.parametrize(
    ("title", "body", "date"),
    [
        ("A: corrected headline of the mill", BODY, "Sat, 05 Feb 2022 20:22:00 GMT"),
        ("Headline of the mill, corrected", BODY, "2026-11-20 11:00:00"),
        ("A headline of the mill", BODY + "<p>A new last paragraph.</p>", "2026-11-20 11:00:00"),
    ],
)
def test_a_file_that_moved_with_its_new_title_or_text_keeps_its_article(
    place: Place, title: str, body: str, date: str
) -> None:
    place.write("articles/a.md", article("A headline of the mill", BODY))
    place.scan()
    first = place.only()
    place.empty()
    place.write("articles/b.md", article(title, body, date))
    assert one(place.scan()) == (0, 1, 0, 0)
    assert place.only().id == first.id


def test_two_files_with_one_empty_frame_are_two_articles(place: Place) -> None:
    frame = "<p>Members only.</p>"
    place.write("articles/a.md", article("A", frame, "Sat, 05 Feb 2022 20:22:00 GMT"))
    place.scan()
    place.empty()
    place.write("articles/b.md", article("B", frame, "Sun, 06 Feb 2022 20:22:00 GMT"))
    assert one(place.scan()) == (1, 0, 0, 0)


def test_one_article_in_several_channels(place: Place) -> None:
    def channel(name: str) -> str:
        return article("A", BODY).replace("---\n\n", f"categories: \n - News\n - Source\n - {name}\n---\n\n")

    place.write("articles/one/a.md", channel("one"))
    place.write("articles/two/a.md", channel("two"))
    assert one(place.scan()) == (1, 0, 0, 0)
    assert place.only().article.categories == (("News", "Source", "one"), ("News", "Source", "two"))
    place.empty()
    place.write("articles/three/a.md", channel("three"))
    place.later(hours=1)
    assert one(place.scan()) == (0, 1, 0, 0)
    filed = place.only()
    assert [path[-1] for path in filed.article.categories] == ["one", "two", "three"]
    assert filed.updated == filed.published
    assert [filed.id for filed in place.feed("categories/News/Source/three")] == [filed.id]


def test_channels_that_differ_do_not_take_turns(place: Place) -> None:
    """One guid in two channels with two texts: a rewrite of both is no edit of either."""
    for run in range(4):
        place.empty()
        place.write("articles/x/a.md", article("A", BODY, guid="7") + " " * run)
        place.write("articles/y/a.md", article("A", BODY + "<p>Seen in y.</p>", guid="7") + " " * run)
        counts = one(place.scan())
        assert counts == ((1, 0, 0, 0) if run == 0 else (0, 0, 1, 0))
        place.later(hours=1)


def test_a_digest_with_one_title_is_a_new_article_each_day(place: Place) -> None:
    place.write("articles/daily.md", article("Daily digest", BODY, "Sat, 05 Feb 2022 20:22:00 GMT"))
    place.scan()
    place.later(days=1)
    place.write("articles/daily.md", article("Daily digest", OTHER, "Sun, 06 Feb 2022 20:22:00 GMT"))
    assert one(place.scan()) == (1, 0, 0, 0)
    assert len({filed.id for filed in place.feed()}) == 2
    place.later(hours=1)
    assert one(place.scan()) == (0, 0, 1, 0)


def test_a_place_used_again_with_short_texts(place: Place) -> None:
    place.write("articles/a.md", article("Old news", "<p>Old body.</p>"))
    place.scan()
    place.write(
        "articles/a.md", article("Fresh news", "<p>A wholly other body.</p>", "Sun, 06 Feb 2022 20:22:00 GMT")
    )
    assert one(place.scan()) == (1, 0, 0, 0)


def test_a_rewritten_text_of_the_same_date_is_an_edit(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    place.write("articles/a.md", article("A", OTHER))
    assert one(place.scan()) == (0, 1, 0, 0)


def test_files_that_are_numbered_anew_keep_their_articles(place: Place) -> None:
    place.write("articles/1.md", article("A", BODY, "Sat, 05 Feb 2022 20:22:00 GMT"))
    place.scan()
    first = place.only()
    place.write("articles/1.md", article("B", OTHER, "Sun, 06 Feb 2022 20:22:00 GMT"))
    place.write("articles/2.md", article("A", BODY, "Sat, 05 Feb 2022 20:22:00 GMT"))
    assert one(place.scan()) == (1, 0, 1, 0)
    assert {filed.article.title: filed.id for filed in place.feed()}["A"] == first.id


@pytest.mark.parametrize("field", ["guid", "link"])
def test_an_explicit_key_survives_everything(place: Place, field: str) -> None:
    value = "https://source.example/a/1"
    place.write("articles/a.md", article("A", BODY, **{field: value}))
    place.scan()
    first = place.only()
    place.empty()
    place.write("articles/b.md", article("Other", OTHER, "Sun, 06 Feb 2022 20:22:00 GMT", **{field: value}))
    assert one(place.scan()) == (0, 1, 0, 0)
    assert place.only().id == first.id


def test_a_link_added_later_keeps_the_article(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    first = place.only()
    place.write("articles/a.md", article("A", BODY, link="https://source.example/a"))
    place.scan()
    place.empty()
    place.write("articles/b.md", article("A, moved", OTHER, link="https://source.example/a"))
    place.scan()
    assert place.only().id == first.id


def test_one_link_for_different_articles_loses_none(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY, link="https://source.example/"))
    place.write("articles/b.md", article("B", OTHER, link="https://source.example/"))
    counts = place.scan()
    assert one(counts) == (2, 0, 0, 0)
    assert counts["source"].problems == 1
    place.later(hours=1)
    place.write("articles/b.md", article("B", OTHER + " ", link="https://source.example/"))
    assert one(place.scan()) == (0, 0, 2, 0)


def test_dates_are_put_right_but_do_not_drift(place: Place) -> None:
    def published(date: str) -> datetime:
        place.write("articles/a.md", article("A", BODY, date))
        place.scan()
        place.later(minutes=5)
        return place.only().published

    noon = datetime(2026, 11, 18, 12, tzinfo=UTC)
    assert published("2026-11-18 12:00:00") == noon
    assert published("2026-11-18 13:00:00") == noon
    assert published("Wed, 18 Nov 2026 14:00:00 GMT") == noon
    assert published("Wed, 18 Nov 2026 11:30:00 GMT") == noon - timedelta(minutes=30)
    assert published("Tue, 17 Nov 2026 09:00:00 GMT") == datetime(2026, 11, 17, 9, tzinfo=UTC)
    assert place.only().updated == noon


def test_a_future_date_is_capped_and_fixed(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY, "Sat, 05 Feb 2050 20:22:00 GMT"))
    place.scan()
    seen = place.now
    assert place.only().published == seen
    place.later(hours=3)
    place.write("articles/a.md", article("A", BODY, "Sat, 05 Feb 2050 20:22:00 GMT") + " ")
    place.scan()
    assert place.only().published == seen


def test_ids_are_the_same_in_any_store(place: Place) -> None:
    place.write("articles/c/文章.md", article("A", BODY))
    place.scan()
    assert place.only().id == "949ea09a-043e-56d4-9fc7-898481fa931e"
