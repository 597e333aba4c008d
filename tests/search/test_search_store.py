"""Searching in a store, told as stories, on both databases."""

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from aggregator.models import Cursor
from aggregator.store import Store
from aggregator.store.engine import writing
from aggregator.store.schema import articles, metadata
from aggregator.store.search import finder, indexer, parse
from aggregator.store.search.schema import is_managed, queue, state, texts
from tests.support import Place, article

ROBOTS = "人工智能在工厂里"


def found(place: Place, query: str) -> set[str]:
    """The titles of what a query finds; ranked and by time are the same."""
    asked = parse(query)
    ranked = [filed.article.title for filed in place.store.search.find(asked, 1000).articles]
    newest = [filed.article.title for filed in place.store.search.newest(asked, 1000).articles]
    assert sorted(ranked) == sorted(newest)
    assert len(ranked) == len(set(ranked))
    return set(ranked)


def file(place: Place, name: str, title: str, body: str, date: str = "Sat, 05 Feb 2022 20:22:00 GMT") -> None:
    place.write(f"articles/{name}.md", article(title, f"<p>{body}</p>", date))


def scan(place: Place, **options: bool) -> int:
    place.scan(**options)
    return place.store.search.catch_up()


def index_of(place: Place) -> tuple[int, int]:
    """How many texts there are, and how many articles the database's own index knows."""
    counted = {
        "sqlite": "SELECT count(*) FROM search_index WHERE search_index MATCH '\"text\"'",
        "postgresql": "SELECT count(*) FROM search_index WHERE tokens @@ '''text'''::tsquery",
    }
    engine = place.store._engine
    with engine.connect() as connection:
        kept = connection.execute(sa.select(sa.func.count()).select_from(texts)).scalar_one()
        known = connection.execute(sa.text(counted[engine.dialect.name])).scalar_one()
    return kept, known


@pytest.fixture
def library(place: Place) -> Place:
    """Articles in several scripts."""
    file(place, "a", "36氪：机器人来了", f"{ROBOTS}，与芯片一起。")
    file(place, "b", "Harbour news", "The Café by the river serves 人工 coffee &amp; ＡＩ.")
    file(place, "c", "日本語の記事", "コンピューターと漢字。猫がいる")
    file(place, "d", "한국 소식", "한국은 인공지능을 좋아한다")
    file(place, "e", "天气", "今天的猫很安静")
    scan(place)
    return place


FINDS = {
    "人工": {"36氪：机器人来了", "Harbour news"},
    "人工智能": {"36氪：机器人来了"},
    "智工": set(),
    "机器": {"36氪：机器人来了"},
    "猫": {"日本語の記事", "天气"},
    "静": {"天气"},
    "36氪": {"36氪：机器人来了"},
    "氪 芯片": {"36氪：机器人来了"},
    "氪 猫": set(),
    "人工 ai": {"Harbour news"},
    "CAFÉ": {"Harbour news"},
    "cafe": {"Harbour news"},
    "caf": set(),
    "caf*": {"Harbour news"},
    "river serves": {"Harbour news"},
    '"river serves"': {"Harbour news"},
    '"serves river"': set(),
    '"harbour river"': set(),
    "人工 -coffee": {"36氪：机器人来了"},
    "猫 -今": {"日本語の記事"},
    '人工 -"river serves"': {"36氪：机器人来了"},
    "コンピュ": {"日本語の記事"},
    "ｺﾝﾋﾟｭｰﾀｰ": {"日本語の記事"},
    "한국": {"한국 소식"},
    "지능": {"한국 소식"},
    "龘": set(),
    "nothing": set(),
    "-river": set(),
    "": set(),
}


def test_finding(library: Place) -> None:
    assert {query: found(library, query) for query in FINDS} == FINDS


HOSTILE = [
    'river" OR 1=1 --',
    "river' OR 'a'='a",
    "river:* & !coffee",
    "tokens:river",
    "river NEAR coffee",
    "NEAR(river coffee, 2)",
    "river^2 + coffee",
    "{tokens}:river",
    "((((river",
    "river\\ \\' \\\" %",
    "river \x00\x01\x1f\x7f",
    "\ud800\udfff river",
    "AND OR NOT",
    "river AND NOT coffee",
    "字" * 10_000,
    "一 二 三 四 五 六 七 八 九 十 百 千 万 亿 人 工 智 能 芯 片 猫 -静 -今",
    " ".join(f"-{number}" for number in range(1000)) + " river",
    "%_ river",
    "\ufdfa" * 200,
    "' || (SELECT 1) || '",
]


def test_hostile_queries_are_only_words(library: Place) -> None:
    for query in HOSTILE:
        assert found(library, query) <= {"Harbour news", "36氪：机器人来了"}, query


def test_the_title_weighs_more_and_of_like_hits_the_newer_comes_first(place: Place) -> None:
    rest = "以及更多别的内容" * 20
    file(place, "a", "旧的", f"芯片 {rest}", "Sat, 01 Jan 2022 00:00:00 GMT")
    file(place, "b", "新的", f"芯片 {rest}", "Sun, 02 Jan 2022 00:00:00 GMT")
    file(place, "c", "芯片史", f"另外的文字 {rest}", "Fri, 01 Jan 2021 00:00:00 GMT")
    file(place, "d", "多次", f"芯片，芯片，芯片，芯片 {rest}", "Fri, 01 Jan 2021 00:00:00 GMT")
    scan(place)
    hits = place.store.search.find(parse("芯片"), 10)
    assert [filed.article.title for filed in hits.articles] == ["芯片史", "多次", "新的", "旧的"]
    assert (hits.total, hits.more) == (4, False)
    second = place.store.search.find(parse("芯片"), 2, 2)
    assert [filed.article.title for filed in second.articles] == ["新的", "旧的"]
    newest = place.store.search.newest(parse("芯片"), 10)
    assert [filed.article.title for filed in newest.articles][:2] == ["新的", "旧的"]


def test_an_edit_is_found_by_its_new_words_only(place: Place) -> None:
    file(place, "a", "Title", "The old wording of this text stays here for the most part of its length.")
    scan(place)
    assert found(place, "wording") == {"Title"}
    place.later(minutes=1)
    file(place, "a", "Title", "The new phrasing of this text stays here for the most part of its length.")
    scan(place)
    assert (found(place, "wording"), found(place, "phrasing")) == (set(), {"Title"})
    assert index_of(place) == (1, 1)


def test_what_is_withdrawn_is_not_found_and_leaves_the_index(place: Place) -> None:
    place.configure(place.config_text + "defaults: {on_delete: remove}\n")
    file(place, "a", "Title", "Some text of its own.")
    file(place, "b", "Other", "Some text of another kind.")
    scan(place)
    (place.root / "articles/a.md").unlink()
    for _ in range(2):
        place.later(minutes=1)
        place.scan()
    assert found(place, "some") == {"Other"}  # before the index knows
    assert place.store.search.catch_up() == 1
    assert (found(place, "some"), index_of(place)) == ({"Other"}, (1, 1))
    place.later(minutes=1)
    file(place, "a", "Title", "Some text of its own.")
    scan(place)
    assert (found(place, "some"), index_of(place)) == ({"Title", "Other"}, (2, 2))


def test_a_change_in_the_midst_of_indexing_is_not_lost(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The article changes between the reading of its text and the writing of the index."""
    file(place, "a", "Title", "The old wording of this text stays here for the most part of its length.")
    place.scan()
    real = indexer._take

    def meanwhile(connection: sa.Connection, ids: list[int]) -> bool:
        monkeypatch.setattr(indexer, "_take", real)
        connection.rollback()
        place.later(minutes=1)
        file(place, "a", "Title", "The new phrasing of this text stays here for the most part of its length.")
        place.scan()
        return real(connection, ids)

    monkeypatch.setattr(indexer, "_take", meanwhile)
    place.store.search.catch_up()
    assert (found(place, "wording"), found(place, "phrasing")) == (set(), {"Title"})


def test_work_that_another_did_is_dropped(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    file(place, "a", "Title", "Some text.")
    place.scan()
    other, real = Store(place.config.store), indexer._take

    def meanwhile(connection: sa.Connection, ids: list[int]) -> bool:
        monkeypatch.setattr(indexer, "_take", real)
        connection.rollback()
        assert other.search.catch_up() == 1
        return real(connection, ids)

    monkeypatch.setattr(indexer, "_take", meanwhile)
    place.store.search.catch_up()
    other.close()
    assert (found(place, "text"), index_of(place)) == ({"Title"}, (1, 1))


def test_two_processes_index_at_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexer, "CHUNK", 7)
    for number in range(60):
        file(place, str(number), f"Title {number}", f"A text like no other, {number}.")
    place.scan()
    stores = [Store(place.config.store) for _ in range(3)]
    threads = [threading.Thread(target=store.search.catch_up) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert len(found(place, "text")) == 60
    assert index_of(place) == (60, 60)
    assert place.store.search.catch_up() == 0


def test_catching_up_in_steps(place: Place) -> None:
    for number in range(5):
        file(place, str(number), f"Title {number}", f"A text like no other, {number}.")
    place.scan()
    assert [place.store.search.catch_up(2) for _ in range(4)] == [2, 2, 1, 0]
    assert len(found(place, "text")) == 5


def test_a_scan_that_finds_nothing_new_leaves_nothing_to_do(library: Place) -> None:
    before = library.store.search.revision()
    library.later(hours=1)
    assert scan(library) == 0
    assert library.store.search.revision() == before


def test_clocks_that_go_back_lose_nothing(place: Place) -> None:
    """Another machine's clock is behind: what it files seems to have changed before what is indexed already."""
    file(place, "a", "First", "Some text.")
    scan(place)
    place.later(days=-30)
    file(place, "b", "Second", "Other text.")
    scan(place)
    assert found(place, "text") == {"First", "Second"}


def test_an_index_of_an_older_version_is_built_anew(library: Place) -> None:
    with writing(library.store._engine).begin() as connection:
        connection.execute(state.update().values(version=0))
        connection.execute(texts.delete())
    assert library.store.search.catch_up() == 5
    assert {query: found(library, query) for query in FINDS} == FINDS


def test_an_index_of_a_newer_version_is_left_alone(place: Place) -> None:
    with writing(place.store._engine).begin() as connection:
        connection.execute(state.update().values(version=10**6))
    file(place, "a", "Title", "Some text.")
    assert scan(place) == 0


def test_a_row_that_is_deleted_leaves_the_index(library: Place) -> None:
    assert found(library, "天气") == {"天气"}
    engine = library.store._engine
    with writing(engine).begin() as connection:
        seq = connection.execute(sa.select(articles.c.seq).where(articles.c.title == "天气")).scalar_one()
        for table in ("files", "members", "articles"):
            connection.execute(sa.text(f"DELETE FROM {table} WHERE seq = {seq}"))
    assert library.store.search.catch_up() == 1
    assert found(library, "天气") == set()
    with engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(queue)).scalar() == 0


def test_every_hit_is_met_once_on_the_way_back(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of the feed, while articles arrive; `少数派` needs a look at the texts, which is bounded."""
    monkeypatch.setattr(finder, "MAX_COMPARISONS", 4)
    for number in range(20):
        day = f"{number % 7 + 1:02d} Feb 2022 20:22:00 GMT"
        file(place, str(number), f"第{number}篇", "少数派" if number % 3 else "多数派与少数", f"Sat, {day}")
    scan(place)
    met: list[str] = []
    before: Cursor | None = None
    for number in range(100):
        window = place.store.search.newest(parse("少数派 -数派与"), 3, before)
        met += [filed.article.title for filed in window.articles]
        if window.next is None:
            break
        assert before is None or window.next < before
        before = window.next
        place.later(minutes=1)
        file(place, f"late {number}", f"新{number}", "少数派")
        scan(place)
    assert sorted(met) == sorted(f"第{number}篇" for number in range(20) if number % 3)


def test_hits_are_counted_up_to_a_bound(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finder, "MAX_HITS", 3)
    for number in range(5):
        file(place, str(number), f"第{number}篇", f"相同的话，各不一样 {number}")
    scan(place)
    hits = place.store.search.find(parse("相同"), 10)
    assert (len(hits.articles), hits.total, hits.more) == (3, 3, True)
    hits = place.store.search.find(parse("相同 -第0 -第1"), 10)
    assert (len(hits.articles), hits.total, hits.more) == (3, 3, False)


def test_an_edit_moves_the_time_of_edits_and_a_new_article_does_not(place: Place) -> None:
    file(place, "a", "Title", "The old wording of this text stays here for the most part of its length.")
    scan(place)
    first = place.store.search.edited()
    place.later(minutes=1)
    file(place, "b", "Other", "Another text.")
    scan(place)
    assert place.store.search.edited() == first
    place.later(minutes=1)
    file(place, "a", "Title", "The new phrasing of this text stays here for the most part of its length.")
    scan(place)
    assert place.store.search.edited() == place.now


def test_the_migration_builds_the_tables(place: Place) -> None:
    with place.store._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_managed})
        assert compare_metadata(context, metadata) == []


def test_a_store_from_before_search_is_indexed(tmp_path: Path) -> None:
    """An article that was filed before there was a queue."""
    place = Place(tmp_path)
    file(place, "a", "Title", "Some text.")
    place.scan()
    with writing(place.store._engine).begin() as connection:
        connection.execute(queue.delete())
        connection.execute(state.update().values(version=0))
    assert place.store.search.catch_up() == 1
    assert found(place, "text") == {"Title"}
    place.store.close()
