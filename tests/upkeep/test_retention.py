"""`retain`: what is beyond the rule leaves everything, its texts too, and never comes back as new."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from aggregator.models import Filed
from aggregator.report import Counts
from aggregator.retention import retire
from aggregator.store import Held
from aggregator.store.register import State
from aggregator.store.schema import articles, members
from aggregator.store.search import parse
from feeds import create_app
from tests.support import BODY, OTHER, Place, article, one

NIGHTS = "<p>" + " ".join(f"Star number{number} stands high above the quiet hill." for number in range(12)) + "</p>"


def configure(place: Place, retain: str, rest: str = "") -> None:
    rule = f", retain: {retain}" if retain else ""
    place.configure(
        'site: {url: "http://feeds.example"}\nfeeds: {limit: 3}\n'
        f'sources:\n  - {{title: Source, path: articles, link: "https://source.example/"{rule}{rest}}}\n'
    )


def scan(place: Place) -> tuple[Counts, int]:
    """A scan and what follows it: the counts of the source, and how many articles were retired."""
    counts = place.scan()["source"]
    number = sum(retire(place.store, place.config, folder, place.now) for folder in place.router.folders())
    place.store.search.catch_up()
    return counts, number


def write(place: Place, name: str, days: float, body: str = "", **fields: str) -> None:
    """An article that was published so many days before the clock's now."""
    date = f"{place.now - timedelta(days=days):%a, %d %b %Y %H:%M:%S} GMT"
    place.write(f"articles/{name}.md", article(name, body or f"<p>{name} is its own text.</p>", date, **fields))


def titles(place: Place, path: str = "sources/source") -> list[str]:
    return sorted(filed.article.title for filed in place.feed(path))


def states(place: Place) -> dict[str, State]:
    return {item.title: item.state for item in place.store.register.newest(1000)}


def of(place: Place, title: str) -> Filed:
    (found,) = [filed for filed in place.feed() if filed.article.title == title]
    return found


def row(place: Place, title: str) -> sa.Row[tuple[object, ...]]:
    with place.store._engine.connect() as connection:
        return connection.execute(sa.select(articles).where(articles.c.title == title)).one()


def test_what_grows_too_old_leaves_with_its_texts(place: Place) -> None:
    configure(place, "30 days")
    write(place, "old", 29, BODY, author="Ada", tags="[a]", image="https://pics.example/a.jpg")
    write(place, "new", 1)
    assert scan(place) == (Counts(new=2), 0)
    old = of(place, "old")
    place.later(days=2)
    assert scan(place)[1] == 1
    assert titles(place) == titles(place, "latest") == ["new"]
    assert place.store.gone(f"articles/{old.id}")
    left = row(place, "old")
    assert (left.id, left.live, left.held) == (old.id, True, "retired")
    assert (left.content, left.summary, left.authors, left.tags, left.image, left.link) == (
        "",
        "",
        [],
        [],
        None,
        None,
    )
    assert len(left.trace) < 650
    assert place.store.search.find(parse("river"), 10).total == 0
    with place.store._engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).where(members.c.seq == old.seq)).scalar() == 0
    assert scan(place) == (Counts(unchanged=2), 0)  # its file is still there


def test_only_so_many_of_the_newest_are_kept(place: Place) -> None:
    configure(place, "3 articles")
    for days in range(1, 6):
        write(place, f"day {days}", days)
    scan(place)
    assert titles(place) == ["day 1", "day 2", "day 3"]
    place.later(hours=1)
    write(place, "late find", 400)  # the newest by arrival, whatever its date
    assert scan(place) == (Counts(new=1, unchanged=5), 1)
    assert titles(place) == ["day 1", "day 2", "late find"]
    assert states(place)["day 3"] is State.RETIRED


@pytest.mark.parametrize("rule", ["30 days", "2 articles"])
def test_a_file_that_is_still_there_brings_nothing_back(place: Place, rule: str) -> None:
    configure(place, rule)
    for name, days in (("first", 28), ("second", 2), ("third", 1)):
        write(place, name, days)
    scan(place)
    place.later(days=3)
    scan(place)
    known = states(place)
    assert known["first"] is State.RETIRED
    for change in ("", "edit", "draft", "", "move"):
        place.later(hours=1)
        if change == "move":
            (place.root / "articles/first.md").rename(place.root / "articles/elsewhere.md")
        else:
            fields = {"draft": "true"} if change == "draft" else {}
            write(place, "first", 31, "<p>first is its own text, edited.</p>" if change == "edit" else "", **fields)
        counts, retired = scan(place)
        assert (one({"source": counts})[:2], retired) == ((0, 0), 0)
        assert "first" not in titles(place)
    assert states(place) == known
    assert not row(place, "first").content


def test_an_archive_is_not_published_to_be_retired_at_once(place: Place) -> None:
    configure(place, "30 days")
    for days in (1, 10, 100, 1000):
        write(place, f"day {days}", days)
    assert place.scan()["source"] == Counts(new=2, unchanged=2)
    assert titles(place) == ["day 1", "day 10"]
    assert states(place)["day 1000"] is State.RETIRED
    assert not row(place, "day 1000").content
    assert retire(place.store, place.config, place.root / "articles", place.now) == 0


def test_an_archive_with_a_rule_by_count_publishes_little_more_than_the_rule_keeps(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.ingest.BATCH", 2)
    configure(place, "2 articles")
    for days in range(1, 8):
        write(place, f"day {days}", days)
    assert place.scan()["source"].new == 2
    assert titles(place) == ["day 1", "day 2"]


def test_a_longer_rule_brings_back_what_is_still_there_as_it_was(place: Place) -> None:
    configure(place, "30 days")
    for name, days in (("kept", 1), ("back", 20), ("lost", 21)):
        write(place, name, days)
    scan(place)
    before = {filed.article.title: filed for filed in place.feed()}
    place.later(days=20)
    assert scan(place)[1] == 2
    (place.root / "articles/lost.md").unlink()
    configure(place, "52 weeks")
    place.later(hours=1)
    counts, retired = scan(place)
    assert (counts.new, retired) == (0, 0)
    assert titles(place) == ["back", "kept"]
    back = of(place, "back")
    assert (back.id, back.published, back.updated) == (
        before["back"].id,
        before["back"].published,
        before["back"].updated,
    )
    assert back.article == before["back"].article
    assert place.feed()[0].article.title == "kept"  # by arrival, "back" is where it was


def test_a_larger_number_brings_back_the_newest_of_them(place: Place) -> None:
    configure(place, "1 articles")
    for days in range(1, 6):
        write(place, f"day {days}", days)
    scan(place)
    ids = {item.title: item.id for item in place.store.register.newest(10)}
    configure(place, "3 articles")
    place.later(hours=1)
    assert scan(place)[0].new == 0
    assert titles(place) == ["day 1", "day 2", "day 3"]
    configure(place, "")
    scan(place)
    assert {filed.article.title: filed.id for filed in place.feed()} == ids


def test_room_that_a_hidden_article_leaves_is_not_filled_by_old_ones(place: Place) -> None:
    configure(place, "2 articles")
    for days in range(1, 5):
        write(place, f"day {days}", days)
    scan(place)
    seq = of(place, "day 1").seq
    with place.store.batch(None, place.now) as batch:
        batch.facts.load_seqs([seq])
        batch.change(batch.facts.by_seq[seq], held=Held.HIDDEN)
    for days in range(3, 5):
        write(place, f"day {days}", days, "<p>It was edited.</p>")
    scan(place)
    assert titles(place) == ["day 2"]


def test_a_hidden_article_stays_hidden_and_whole(place: Place) -> None:
    configure(place, "30 days")
    write(place, "old", 29)
    scan(place)
    seq = of(place, "old").seq
    with place.store.batch(None, place.now) as batch:
        batch.facts.load_seqs([seq])
        batch.change(batch.facts.by_seq[seq], held=Held.HIDDEN)
    place.later(days=5)
    assert scan(place)[1] == 0
    assert (row(place, "old").held, bool(row(place, "old").content)) == ("hidden", True)


def test_what_was_withdrawn_loses_its_texts_too(place: Place) -> None:
    configure(place, "30 days")
    write(place, "old", 29)
    scan(place)
    write(place, "old", 29, draft="true")
    scan(place)
    place.later(days=5)
    assert scan(place)[1] == 1
    assert not row(place, "old").content


def test_each_source_that_a_field_tells_apart_has_the_rule(place: Place) -> None:
    place.configure(
        "sources:\n"
        "  - {title: Ada, path: articles, match: {author: Ada}, retain: 60 days}\n"
        "  - {title: Rest, path: articles, split_by: author, retain: 1 articles}\n"
        "  - {title: Other, path: other}\n"
    )
    for index, author in enumerate(["Ada", "Ada", "Bo", "Bo", "Cy", ""]):
        write(place, f"{author or 'Nobody'} {index}", 10 + index, **({"author": author} if author else {}))
    place.write("other/a.md", article("else", OTHER, "Sat, 05 Feb 2022 20:22:00 GMT"))
    for _ in range(2):
        place.scan()
        for folder in place.router.folders():
            retire(place.store, place.config, folder, place.now)
    assert titles(place, "latest") == ["Ada 0", "Ada 1", "Bo 2", "Cy 4", "Nobody 5", "else"]
    place.later(days=55)
    assert retire(place.store, place.config, place.root / "articles", place.now) == 2
    assert titles(place, "latest") == ["Bo 2", "Cy 4", "Nobody 5", "else"]


def test_many_go_in_several_transactions(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.retention.CHUNK", 3)
    configure(place, "30 days")
    for number in range(8):
        write(place, f"note {number}", 20)
    scan(place)
    place.later(days=20)
    place.scan()
    asked = iter([False, True])
    assert retire(place.store, place.config, place.root / "articles", place.now, lambda: next(asked)) == 3
    assert scan(place)[1] == 5
    assert titles(place) == []


@pytest.mark.parametrize("rule", ["30 days", "5 articles"])
def test_where_nothing_is_to_be_done_little_is_asked(place: Place, rule: str) -> None:
    configure(place, rule)
    for days in range(1, 6):
        write(place, f"day {days}", days)
    scan(place)
    revision, asked = place.store.revision(), []
    sa.event.listen(place.store._engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert retire(place.store, place.config, place.root / "articles", place.now) == 0
    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 2
    assert place.store.revision() == revision


@pytest.mark.parametrize("rule", ["30 days", "2 articles"])
def test_where_nothing_is_to_be_done_authors_are_not_looked_for_in_all_files(place: Place, rule: str) -> None:
    configure(place, rule, ", split_by: author")
    for author in "AB":
        for days in (1, 2):
            write(place, f"{author}, day {days}", days, author=author)
    place.scan()
    asked: list[str] = []
    sa.event.listen(place.store._engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert retire(place.store, place.config, place.root / "articles", place.now) == 0
    assert asked
    assert not [statement for statement in asked if "files" in statement]


def test_a_feed_that_did_not_hold_it_keeps_its_bytes(place: Place) -> None:
    """A service retires something at almost every scan; pollers must not load every feed anew for that."""
    configure(place, "30 days")
    write(place, "old", 29, categories="[Alone, Together]")
    for days in range(1, 5):
        write(place, f"day {days}", days, categories="[Alone]")
    scan(place)
    old = of(place, "old").id
    client = create_app(place.config, place.store).test_client()
    paths = ("/latest", "/categories/Alone", "/categories/Alone/Together")
    before = {path: client.get(f"{path}.atom") for path in paths}
    place.later(days=2)
    assert scan(place)[1] == 1
    same = {path for path, seen in before.items() if client.get(f"{path}.atom").data == seen.data}
    assert same == {"/latest", "/categories/Alone"}
    assert old not in client.get("/categories/Alone").text
    seen = before["/categories/Alone/Together"].headers["Last-Modified"]
    later = client.get("/categories/Alone/Together.atom", headers={"If-Modified-Since": seen})
    assert later.status_code == 200


def test_an_edit_of_what_is_gone_is_no_new_article_though_its_date_drifts(place: Place) -> None:
    configure(place, "30 days")
    write(place, "old", 29, BODY)
    scan(place)
    place.later(days=5)
    assert scan(place)[1] == 1
    write(place, "old", 0, BODY.replace("word3", "sluice") + "<p>Read 117 times.</p>")
    assert scan(place)[0] == Counts(unchanged=1)
    assert states(place) == {"old": State.RETIRED}


def test_a_place_that_is_given_to_another_text_is_a_new_article(place: Place) -> None:
    configure(place, "30 days")
    write(place, "weekly", 29, BODY)
    scan(place)
    place.later(days=5)
    assert scan(place)[1] == 1
    place.write("articles/weekly.md", article("weekly", NIGHTS, f"{place.now:%a, %d %b %Y %H:%M:%S} GMT"))
    assert scan(place)[0].new == 1
    assert "hill" in of(place, "weekly").article.content
