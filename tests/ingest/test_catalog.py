"""Sources that get another name, leave the config, and come back: what their subscribers meet."""

import sqlalchemy as sa

from aggregator.catalog import sync
from aggregator.models import Scope, ScopeKind
from aggregator.once import ingest_once
from tests.support import BODY, OTHER, Place, article, one

CATCH_ALL = "\n  - {title: Everything else, path: articles, split_by: author}"
THIRD = "<p>" + " ".join(f"Frost number{number} lies on the harbour wall at dawn." for number in range(12)) + "</p>"


def configure(place: Place, *sources: str, rest: str = "") -> None:
    """Start with another config."""
    place.configure(f"{rest}\nsources:" + "".join(f"\n  - {{{source}}}" for source in sources) + CATCH_ALL)
    follow(place)


def follow(place: Place) -> None:
    place.later(minutes=1)
    sync(place.store, place.config, lambda: place.now)


def write(place: Place, path: str, title: str, body: str, author: str) -> None:
    place.later(minutes=1)
    place.write(path, article(title, body, author=author, categories="[News]"))


def scope(place: Place, path: str) -> Scope:
    found = place.store.scope(path)
    assert found is not None
    return found


def feed(place: Place, path: str) -> dict[str, str]:
    """Title → id of the articles in a feed, which the store also counts right."""
    found = {filed.article.title: filed.id for filed in place.feed(path)}
    assert len(found) == scope(place, path).size
    return found


ZAKER = "title: ZAKER, path: articles, match: {author: ZAKER}"
RENAMED = "title: ZAKER News, slug: zaker-news, aliases: [zaker], path: articles, match: {author: ZAKER}"


def test_a_renamed_source_keeps_everything(place: Place) -> None:
    configure(place, ZAKER)
    write(place, "articles/a.md", "A", BODY, "ZAKER")
    write(place, "articles/b.md", "B", OTHER, "ZAKER")
    place.scan()
    number, before = scope(place, "sources/zaker").id, feed(place, "sources/zaker")
    place.empty()  # the window slid on: no file tells of the articles any more
    configure(place, RENAMED)
    assert place.store.scope("sources/zaker") is None
    renamed = scope(place, "sources/zaker-news")
    assert (renamed.id, renamed.title) == (number, "ZAKER News")
    assert feed(place, "sources/zaker-news") == feed(place, "latest") == before
    assert {filed.source.slug for filed in place.feed()} == {"zaker-news"}
    write(place, "articles/b.md", "B", OTHER, "ZAKER")
    write(place, "articles/c.md", "C", THIRD, "ZAKER")
    assert one(place.scan(), "zaker-news") == (1, 0, 1, 0)
    assert {title: feed(place, "sources/zaker-news")[title] for title in before} == before


def test_files_that_are_still_there_are_no_news_after_a_rename(place: Place) -> None:
    configure(place, ZAKER)
    write(place, "articles/a.md", "A", BODY, "ZAKER")
    place.scan()
    first = place.only()
    configure(place, RENAMED)
    assert one(place.scan(), "zaker-news") == (0, 0, 1, 0)
    assert (place.only().id, place.only().updated, place.only().changed) == (first.id, first.updated, first.changed)


def test_an_alias_that_comes_late_brings_both_parts_together(place: Place) -> None:
    configure(place, ZAKER, rest="feeds: {custom: [{slug: mine, title: Mine, sources: [zaker-news]}]}")
    write(place, "articles/a.md", "A", BODY, "ZAKER")
    write(place, "articles/b.md", "B", OTHER, "ZAKER")
    place.scan()
    before = feed(place, "latest")
    (place.root / "articles/a.md").unlink()
    custom = "feeds: {custom: [{slug: mine, title: Mine, sources: [zaker-news]}]}"
    configure(place, RENAMED.replace("aliases: [zaker], ", ""), rest=custom)
    place.scan()
    assert feed(place, "sources/zaker").keys() == {"A"}
    assert feed(place, "sources/zaker-news").keys() == feed(place, "feeds/mine").keys() == {"B"}
    configure(place, RENAMED, rest=custom)
    assert place.store.scope("sources/zaker") is None
    assert feed(place, "sources/zaker-news") == feed(place, "feeds/mine") == feed(place, "latest") == before
    place.scan()
    assert feed(place, "latest") == before


def test_a_process_with_the_older_config_does_not_undo_a_rename(place: Place) -> None:
    configure(place, ZAKER)
    older = place.router
    write(place, "articles/a.md", "A", BODY, "ZAKER")
    place.scan()
    configure(place, RENAMED)
    newer, place.router = place.router, older
    write(place, "articles/b.md", "B", OTHER, "ZAKER")
    place.scan()
    assert scope(place, "sources/zaker").size
    place.router = newer
    follow(place)
    assert place.store.scope("sources/zaker") is None
    assert feed(place, "sources/zaker-news").keys() == {"A", "B"}
    assert one(place.scan(), "zaker-news") == (0, 0, 2, 0)


def test_an_author_who_gets_an_item_keeps_the_feed_by_its_alias(place: Place) -> None:
    configure(place)
    write(place, "articles/a.md", "A", BODY, "River Watch")
    place.scan()
    before = feed(place, "sources/river-watch")
    river = 'title: The River, path: articles, match: {author: "River Watch"}, aliases: river-watch'
    configure(place, river)
    assert feed(place, "sources/the-river") == before
    # Who writes the name in another way is the same author to `split_by`.
    write(place, "articles/b.md", "B", OTHER, "River-Watch")
    assert one(place.scan(), "the-river") == (1, 0, 1, 0)
    assert place.store.scope("sources/river-watch") is None


def test_what_was_wrong_in_files_is_told_under_the_new_name(place: Place) -> None:
    configure(place, "title: Notes, path: notes")
    place.write("notes/a.md", "no front matter")
    place.scan()
    place.configure("sources: [{title: Notices, path: notes, aliases: notes}]")
    follow(place)
    assert [problem.source for problem in place.store.ledger.problems()] == ["notices"]


def test_a_slug_that_is_free_again_can_be_used_again(place: Place) -> None:
    configure(place, ZAKER)
    write(place, "articles/a.md", "A", BODY, "ZAKER")
    place.scan()
    place.empty()
    configure(place, RENAMED)
    configure(place, RENAMED.replace("aliases: [zaker], ", ""), "title: Zaker, path: other")
    place.write("other/a.md", article("Another A", OTHER))
    place.scan()
    assert feed(place, "sources/zaker-news").keys() == {"A"}
    assert feed(place, "sources/zaker").keys() == {"Another A"}
    assert len(set(feed(place, "latest").values())) == 2


def test_an_article_that_said_late_who_it_is_does_not_block_its_place(place: Place) -> None:
    configure(place, ZAKER)
    write(place, "articles/a.md", "A", BODY, "ZAKER")
    place.scan()
    place.write("articles/a.md", article("A", BODY, author="ZAKER", guid="first"))
    place.scan()
    first = place.only()
    place.write("articles/a.md", article("Z", OTHER, "Sat, 05 Mar 2022 20:22:00 GMT", author="ZAKER"))
    assert one(place.scan(), "zaker")[0] == 1
    assert {filed.article.title for filed in place.feed()} == {"A", "Z"}
    assert len({first.id, *feed(place, "latest").values()}) == 2


def test_a_removed_source_can_be_gone(place: Place) -> None:
    configure(place, ZAKER + ", on_remove: gone")
    write(place, "articles/a.md", "A", BODY, "ZAKER")
    write(place, "articles/b.md", "B", OTHER, "Somebody")
    place.scan()
    before = feed(place, "latest")
    place.empty()
    configure(place)
    gone = scope(place, "sources/zaker")
    assert (gone.gone, gone.size, place.store.window(gone, 10)) == (True, 0, [])
    assert (gone.withdrawn, gone.changed) == (place.now, place.now)
    assert feed(place, "latest") == feed(place, "categories/News") == before
    assert place.store.article(before["A"]) is not None
    assert not scope(place, "sources/somebody").gone


def test_a_source_that_is_gone_stays_so_when_others_take_its_files(place: Place) -> None:
    configure(place, ZAKER + ", on_remove: gone")
    write(place, "articles/a.md", "A", BODY, "ZAKER")
    place.scan()
    first = feed(place, "latest")
    configure(place)
    write(place, "articles/b.md", "B", OTHER, "ZAKER")
    place.scan()
    assert (scope(place, "sources/zaker").gone, feed(place, "sources/zaker")) == (True, {})
    assert feed(place, "latest").keys() == {"A", "B"}
    write(place, "articles/a.md", "A", THIRD, "Somebody")
    place.scan()
    assert feed(place, "sources/somebody") == {"A": first["A"]}
    assert feed(place, "sources/zaker") == {}


def test_a_source_that_comes_back_lives_again(place: Place) -> None:
    configure(place, ZAKER + ", on_remove: gone")
    write(place, "articles/a.md", "A", BODY, "ZAKER")
    place.scan()
    before = feed(place, "sources/zaker")
    configure(place)
    write(place, "articles/b.md", "B", OTHER, "ZAKER")
    place.scan()
    configure(place, ZAKER)
    assert not scope(place, "sources/zaker").gone
    assert feed(place, "sources/zaker") == feed(place, "latest")
    assert feed(place, "sources/zaker")["A"] == before["A"]


def test_of_machines_with_different_configs_the_newest_start_counts(place: Place) -> None:
    custom = "feeds: {custom: [{slug: mine, title: Mine, authors: ZAKER}]}"
    configure(place, ZAKER + ", on_remove: gone", rest=custom)
    whole, router = place.config, place.router
    write(place, "articles/a.md", "A", BODY, "ZAKER")
    place.scan()
    configure(place)  # on another machine
    place.router = router
    write(place, "articles/b.md", "B", OTHER, "ZAKER")
    place.scan()
    assert scope(place, "sources/zaker").gone
    assert scope(place, "feeds/mine").gone
    place.config = whole
    follow(place)
    assert feed(place, "sources/zaker") == feed(place, "feeds/mine") == feed(place, "latest")
    assert feed(place, "latest").keys() == {"A", "B"}


def test_a_source_that_is_gone_can_come_back_by_another_name(place: Place) -> None:
    configure(place, ZAKER + ", on_remove: gone")
    write(place, "articles/a.md", "A", BODY, "ZAKER")
    place.scan()
    before = feed(place, "sources/zaker")
    configure(place)
    configure(place, RENAMED)
    assert place.store.scope("sources/zaker") is None
    assert feed(place, "sources/zaker-news") == before


def test_without_being_told_to_go_a_removed_source_stays(place: Place) -> None:
    configure(place, ZAKER + ", on_remove: gone")
    configure(place, ZAKER)  # the last word before the removal counts
    write(place, "articles/a.md", "A", BODY, "ZAKER")
    place.scan()
    configure(place)
    assert not scope(place, "sources/zaker").gone
    assert feed(place, "sources/zaker").keys() == {"A"}


def test_neither_switching_off_nor_the_end_of_a_split_is_removal(place: Place) -> None:
    gone = "defaults: {on_remove: gone}"
    configure(place, ZAKER, rest=gone)
    write(place, "articles/a.md", "A", BODY, "ZAKER")
    write(place, "articles/b.md", "B", OTHER, "Somebody")
    place.scan()
    configure(place, ZAKER + ", enabled: false", rest=gone)
    assert feed(place, "sources/zaker").keys() == {"A"}
    place.configure(f"{gone}\nsources: [{{{ZAKER}}}]")
    follow(place)
    assert feed(place, "sources/somebody").keys() == {"B"}


def test_a_new_title_or_home_page_shows_before_the_next_file(place: Place) -> None:
    configure(place, ZAKER)
    write(place, "articles/a.md", "A", BODY, "ZAKER")
    place.scan()
    first, revision = place.only(), scope(place, "latest").revision
    place.empty()
    configure(place, 'title: 扎客, slug: zaker, path: articles, link: "https://zaker.example/", language: zh-CN')
    source = place.only().source
    assert (source.title, source.link, source.language) == ("扎客", "https://zaker.example/", "zh-CN")
    assert scope(place, "latest").revision > revision
    assert (place.only().id, place.only().updated) == (first.id, first.updated)


def test_when_nothing_changed_it_costs_two_queries_and_changes_nothing(place: Place) -> None:
    configure(place, RENAMED + ", on_remove: gone", rest="feeds: {custom: [{slug: a, title: A, include: river}]}")
    write(place, "articles/a.md", "A", BODY, "ZAKER")
    place.scan()
    before = [scope for kind in ScopeKind for scope in place.store.scopes(kind)]
    revision = place.store.revision()
    statements: list[str] = []
    sa.event.listen(place.store._engine, "before_cursor_execute", lambda *event: statements.append(event[2]))
    follow(place)
    assert [statement.split()[0] for statement in statements if statement != "BEGIN"] == ["SELECT"] * 2
    assert [scope for kind in ScopeKind for scope in place.store.scopes(kind)] == before
    assert place.store.revision() == revision


def test_every_visible_change_moves_the_revision_of_the_store(place: Place) -> None:
    rest = "feeds: {custom: [{slug: a, title: A, include: river}]}"
    seen = []
    for sources, text in (
        ([ZAKER], ""),
        ([RENAMED + ", on_remove: gone"], ""),
        ([RENAMED + ", on_remove: gone"], rest),
        ([RENAMED + ", on_remove: gone"], rest.replace("river", "bread")),
        ([RENAMED + ", on_remove: gone"], ""),
        ([], ""),
    ):
        configure(place, *sources, rest=text)
        write(place, "articles/a.md", "A", BODY, "ZAKER")
        place.scan()
        seen.append(place.store.revision())
    assert seen == sorted(set(seen))


def test_an_ingest_begins_with_it(place: Place) -> None:
    place.configure(
        "feeds: {custom: [{slug: a, title: A, include: river}]}\nsources: [{title: Source, path: articles}]"
    )
    place.write("articles/a.md", article("A", BODY))
    ingest_once(place.config, place.store, lambda: place.now, lambda done, total: None)
    assert feed(place, "feeds/a").keys() == {"A"}


SLUGS = "feeds: {category_slugs: {新闻: news, 天文: stars}}"


def categories(place: Place) -> dict[str, int]:
    """The path and the number of each category."""
    return {scope.path: scope.id for scope in place.store.scopes(ScopeKind.CATEGORY)}


def test_a_category_moves_to_its_slug_with_all_below_it_and_back(place: Place) -> None:
    configure(place, ZAKER)
    place.write("articles/a.md", article("A", BODY, categories="[新闻, 天文, 望远镜]"))
    place.scan()
    by_name = categories(place)
    before = place.feed("categories/新闻/天文")
    configure(place, ZAKER, rest=SLUGS)
    assert categories(place) == {
        "categories/news": by_name["categories/新闻"],
        "categories/news/stars": by_name["categories/新闻/天文"],
        "categories/news/stars/望远镜": by_name["categories/新闻/天文/望远镜"],
    }
    assert [filed.id for filed in place.feed("categories/news/stars")] == [filed.id for filed in before]
    place.write("articles/b.md", article("B", OTHER, categories="[新闻, 港口]"))
    place.scan()
    assert scope(place, "categories/news").size == 2
    assert scope(place, "categories/news/港口").size == 1
    configure(place, ZAKER)
    assert categories(place).keys() == by_name.keys() | {"categories/新闻/港口"}


def test_a_slug_goes_before_a_category_of_that_name(place: Place) -> None:
    configure(place, ZAKER)
    place.write("articles/a.md", article("A", BODY, categories="[news]"))
    place.write("articles/b.md", article("B", OTHER, categories="[新闻]"))
    place.scan()
    configure(place, ZAKER, rest=SLUGS)
    assert scope(place, "categories/news").title == "新闻"
    assert {other.title for other in place.store.scopes(ScopeKind.CATEGORY)} == {"news", "新闻"}
    place.write("articles/c.md", article("C", THIRD, categories="[news]"))
    place.scan()
    assert {(other.title, other.size) for other in place.store.scopes(ScopeKind.CATEGORY)} == {
        ("news", 2),
        ("新闻", 1),
    }


def test_a_process_with_the_older_config_makes_no_second_category(place: Place) -> None:
    configure(place, ZAKER, rest=SLUGS)
    place.write("articles/a.md", article("A", BODY, categories="[新闻]"))
    place.scan()
    place.configure(f"\nsources:\n  - {{{ZAKER}}}{CATCH_ALL}")
    place.write("articles/b.md", article("B", OTHER, categories="[新闻]"))
    place.scan()
    assert {other.path: other.size for other in place.store.scopes(ScopeKind.CATEGORY)} == {"categories/news": 2}
