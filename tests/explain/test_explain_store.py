"""What is said of a file agrees with what a scan does, before and after it; nothing is ever written."""

import hashlib
from pathlib import Path

import pytest
import sqlalchemy as sa

from aggregator.catalog import sync
from aggregator.explain import Explanation, explain_text, explained
from aggregator.retention import retire
from aggregator.store import Outcome
from aggregator.takedown import hide, unhide
from tests.support import BODY, OTHER, Place, article

SEEDS = Path(__file__).parents[2] / "seeds"


def about(place: Place, path: str) -> Explanation:
    return explained(place.config, place.root / path, place.now)


def state(place: Place, path: str) -> str:
    standing = about(place, path).standing
    assert standing is not None
    return standing.state


def feeds(found: Explanation, *, hold: bool) -> set[str]:
    return {feed.path for feed in found.feeds if feed.holds is hold}


def stored_feeds(place: Place, article_id: str) -> set[str]:
    kinds = ("all", "source", "category", "custom")
    scopes = [scope for kind in kinds for scope in place.store.scopes(kind)]  # type: ignore[arg-type]
    return {scope.path for scope in scopes if article_id in {filed.id for filed in place.store.window(scope, 1000)}}


def test_what_is_foretold_comes_true(place: Place) -> None:
    place.configure(
        """
site: {url: "http://feeds.example"}
feeds: {custom: [{slug: rivers, title: Rivers, include: river}]}
sources:
  - {title: Source, path: articles, match: {author: A}}
  - {title: Rest, path: articles, split_by: author}
"""
    )
    place.write("articles/one.md", article("One", BODY, author="A", categories="[a, b/c, d.rss]"))
    place.write("articles/two.md", article("Two", OTHER, author="李雷", link="https://a.example/2"))
    place.write("articles/x/three.md", article("Three", OTHER, date="2022-02-05 20:22:00", guid="77"))
    foretold = {path: about(place, f"articles/{path}") for path in ("one.md", "two.md", "x/three.md")}
    for found in foretold.values():
        assert found.standing
        assert found.standing.state.startswith("it is not in the store yet")
        assert feeds(found, hold=True) == set()
    sync(place.store, place.config, lambda: place.now)
    place.scan()
    for path, before in foretold.items():
        after = about(place, f"articles/{path}")
        assert before.standing
        assert after.standing
        assert after.standing.state == "it is in the store"
        assert (after.standing.id, after.standing.key) == (before.standing.id, before.standing.key)
        assert after.article == before.article
        filed = place.store.article(after.standing.id)
        assert filed is not None
        assert filed.article.key == after.standing.key
        assert filed.article.title == after.article.title  # type: ignore[union-attr]
        assert feeds(before, hold=False) == feeds(after, hold=True) == stored_feeds(place, filed.id)
        assert feeds(after, hold=False) == set()
    assert "feeds/rivers" in feeds(about(place, "articles/one.md"), hold=True)


def test_a_file_on_its_way_through_life(place: Place) -> None:
    place.write("articles/one.md", article("One", BODY))
    place.scan()
    first = about(place, "articles/one.md").standing
    assert first is not None

    place.write("articles/one.md", article("One", BODY.replace("mill", "windmill")))
    assert "before its last edit" in state(place, "articles/one.md")
    place.configure(place.config_text.replace("source.example", "other.example"))
    assert "before its last edit" in state(place, "articles/one.md")
    place.scan()
    assert state(place, "articles/one.md") == "it is in the store"

    place.write("articles/copy.md", article("One", BODY.replace("mill", "windmill"), categories="[more]"))
    copy = about(place, "articles/copy.md")
    assert copy.standing
    assert copy.standing.state == "it is in the store already, from one.md; the next scan adds this file to it"
    assert copy.standing.id == first.id
    assert feeds(copy, hold=False) == {"categories/more"}

    for path in ("one", "copy"):
        place.write(f"articles/{path}.md", article("One", BODY, draft="true"))
    draft = about(place, "articles/one.md")
    assert (draft.outcome, state(place, "articles/one.md")) == ("draft", "the store keeps what this file last held")
    place.scan()
    assert state(place, "articles/one.md") == "it was withdrawn and is in no feed"
    place.write("articles/one.md", article("One", BODY))
    back = about(place, "articles/one.md")
    assert back.standing
    assert back.standing.state == "it was withdrawn; the next scan publishes it again"
    assert "latest" in feeds(back, hold=False)
    place.scan()
    assert feeds(about(place, "articles/one.md"), hold=True) >= {"latest", "sources/source"}


def test_what_is_kept_back_is_said(place: Place) -> None:
    place.write("articles/one.md", article("One", BODY))
    place.scan()
    one = place.only()
    hide(place.store, place.config, [one.seq], place.now)
    hidden = about(place, "articles/one.md")
    assert state(place, "articles/one.md") == (
        f"it is hidden and in no feed, whatever its file says, until `aggregator articles unhide {one.id}`"
    )
    assert hidden.feeds == ()
    unhide(place.store, place.config, [one.seq], place.now)
    rule = place.config_text.replace('link: "https://source.example/"', "retain: 90 days")
    place.configure(rule)
    assert retire(place.store, place.config, place.root / "articles", place.now) == 1
    assert state(place, "articles/one.md").startswith("it was retired, since it is older than `retain` keeps")
    assert about(place, "articles/one.md").feeds == ()
    place.write("articles/two.md", article("Two", OTHER))
    assert state(place, "articles/two.md").endswith("does not publish it: it is older than `retain` keeps")
    assert about(place, "articles/two.md").feeds == ()
    place.scan()
    assert state(place, "articles/two.md") == state(place, "articles/one.md")
    place.configure(rule.replace("90 days", "5200 weeks"))
    back = about(place, "articles/one.md")
    assert state(place, "articles/one.md").startswith("it was retired; the next scan publishes it again")
    place.scan()
    assert (
        feeds(back, hold=False) == feeds(about(place, "articles/one.md"), hold=True) == {"latest", "sources/source"}
    )


def test_a_moved_file_keeps_its_article(place: Place) -> None:
    place.write("articles/one.md", article("One", BODY))
    place.scan()
    (place.root / "articles/one.md").rename(place.root / "articles/moved.md")
    place.write("articles/moved.md", article("One", BODY.replace("mill", "windmill")))
    found = about(place, "articles/moved.md")
    assert found.standing
    assert found.standing.state == "it is in the store already, from one.md; the next scan adds this file to it"
    place.scan()
    assert place.only().id == found.standing.id


def test_a_file_that_another_item_takes_now_keeps_its_article(place: Place) -> None:
    place.write("articles/inner/one.md", article("One", BODY))
    place.scan()
    inner = "  - {title: Inner, path: articles/inner, language: fr}\n"
    place.configure(place.config_text.replace("sources:\n", f"sources:\n{inner}"))
    found = about(place, "articles/inner/one.md")
    assert found.standing
    assert (found.standing.slug, found.standing.id) == ("inner", place.only().id)
    place.scan()
    assert (place.only().source.slug, place.only().id) == ("inner", found.standing.id)


def test_two_names_with_one_place_in_addresses(place: Place) -> None:
    place.configure("sources: [{title: Rest, path: articles, split_by: author}]")
    place.write("articles/one.md", article("One", BODY, author="North Pier", categories="['a/b']"))
    place.scan()
    place.write("articles/two.md", article("Two", OTHER, author="North-Pier", categories="[a-b]"))
    before = about(place, "articles/two.md")
    place.scan()
    after = about(place, "articles/two.md")
    assert before.standing
    assert after.standing
    assert before.standing.id == after.standing.id
    assert {path for path in feeds(after, hold=True) if path.startswith("sources/north-pier-")}
    assert {path for path in feeds(after, hold=True) if path.startswith("categories/a-b-")}
    assert feeds(before, hold=False) == feeds(after, hold=True)


def test_other_rules_are_no_edit(place: Place) -> None:
    place.write("articles/one.md", article("One", f'<div>{BODY}<a href="x">x</a></div>'))
    place.scan()
    place.configure(place.config_text.replace("source.example", "other.example"))
    assert state(place, "articles/one.md").startswith("it is in the store as other rules made it")


def test_a_bad_file_keeps_its_article(place: Place) -> None:
    place.write("articles/one.md", article("One", BODY))
    place.scan()
    place.write("articles/one.md", "no front matter any more")
    found = about(place, "articles/one.md")
    assert (found.outcome, state(place, "articles/one.md")) == ("problem", "the store keeps what this file last held")
    assert feeds(found, hold=True) == {"latest", "sources/source"}
    assert [problem.line for problem in found.problems] == [1]


def test_two_articles_with_one_link(place: Place) -> None:
    place.write("articles/one.md", article("One", BODY, link="https://source.example/"))
    place.scan()
    place.write("articles/two.md", article("Two", OTHER, link="https://source.example/"))
    found = about(place, "articles/two.md")
    assert found.standing
    assert found.standing.key == "place:two.md"
    assert any("has the same link" in problem.message for problem in found.problems)
    place.scan()
    assert found.standing.id in {filed.id for filed in place.feed()}


def test_a_place_that_is_used_again(place: Place) -> None:
    place.write("articles/daily.md", article("Daily", BODY, date="2026-11-01 08:00:00"))
    place.scan()
    place.write("articles/daily.md", article("Daily", OTHER, date="2026-11-02 08:00:00"))
    found = about(place, "articles/daily.md")
    assert found.standing
    assert found.standing.state.startswith("it is not in the store yet")
    place.scan()
    assert {filed.id for filed in place.feed()} > {found.standing.id}
    assert state(place, "articles/daily.md") == "it is in the store"


def test_a_file_that_is_still_being_written(place: Place) -> None:
    place.write("articles/one.md", "---\ntitle: One\n---\nnot yet a wh", age=0.2)
    found = about(place, "articles/one.md")
    assert found.verdict.endswith("It is still being written, so the next scan waits a moment for it.")
    assert found.article


def test_every_sample_article_is_explained_as_it_is_read(tmp_path: Path) -> None:
    text = (SEEDS.parent / "config.yaml").read_text(encoding="utf-8")
    (tmp_path / "seeds").symlink_to(SEEDS)
    place = Place(tmp_path, text.replace("store:", "# "))
    for file in sorted(SEEDS.rglob("*.md")):
        found = explained(place.config, file, place.now)
        assert found.outcome in {Outcome.ARTICLE, Outcome.DRAFT}
        if found.article:
            last = next(
                change for effect in reversed(found.effects) for change in effect.changes if change.what == "content"
            )
            assert last.after == f"{len(found.article.content):,} characters"
    place.store.close()


def fingerprint(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() + str(path.stat().st_mtime_ns) for path in files}


def test_nothing_is_written_into_sqlite(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.write("articles/one.md", article("One", BODY))
    place.scan()
    place.store.close()
    place.write("articles/two.md", article("Two", OTHER))
    before = fingerprint(tmp_path)
    for path in ("one", "two"):
        assert about(place, f"articles/{path}.md").standing
    assert fingerprint(tmp_path) == before


def test_a_postgresql_database_stays_empty(database: str, tmp_path: Path) -> None:
    place = object.__new__(Place)
    place.root, place.store_url, place.now = tmp_path, database, Place.now
    place.configure(Place.config_text)
    place.write("articles/one.md", article("One", BODY))
    assert state(place, "articles/one.md").startswith("there is no store yet")
    engine = sa.create_engine(database, poolclass=sa.pool.NullPool)
    assert sa.inspect(engine).get_table_names() == []


@pytest.mark.parametrize("damage", ["garbage", "folder", "empty"])
def test_a_store_that_cannot_be_read_is_no_obstacle(damage: str, tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.store.close()
    place.write("articles/one.md", article("One", BODY))
    for file in (tmp_path / "var").iterdir():
        file.unlink()
    store = tmp_path / "var/aggregator.db"
    if damage == "folder":
        store.mkdir()
    else:
        store.write_bytes(b"garbage" * 1000 if damage == "garbage" else b"")
    expected = "the store could not be read: " if damage == "garbage" else "there is no store yet"
    assert state(place, "articles/one.md").startswith(expected)
    assert feeds(about(place, "articles/one.md"), hold=False) == {"latest", "sources/source"}


def test_it_reads_while_others_write(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.write("articles/one.md", article("One", BODY))
    place.scan()
    number = place.store.ledger.folder("articles")
    with place.store.batch(number, place.now):
        assert state(place, "articles/one.md") == "it is in the store"
    place.store.close()


def test_a_picture_beside_the_article(place: Place) -> None:
    place.write("articles/lamp.png", b"\x89PNG\r\n\x1a\n" + bytes(100))
    place.write("articles/one.md", article("One", f'{BODY}<p><img src="lamp.png"></p>'))
    before = about(place, "articles/one.md")
    assert before.article
    assert before.article.image
    assert before.article.image.endswith("/lamp.png")
    place.scan()
    (place.root / "articles/lamp.png").unlink()
    after = about(place, "articles/one.md")
    assert (after.article, state(place, "articles/one.md")) == (before.article, "it is in the store")
    text = explain_text(place.config, place.root / "articles/one.md", place.now)
    assert "http://feeds.example/media/" in text
    assert "media.invalid" not in text
