"""Custom feeds: what each rule takes, and that a feed stays right whatever happens to articles and to its rules."""

import threading
import time
from collections.abc import Iterable

import pytest

from aggregator.catalog import sync
from aggregator.errors import ScanStoppedError
from aggregator.store import building
from tests.support import BODY, OTHER, Place, article

SOURCES = """
sources:
  - {title: Notes, path: notes, link: "https://notes.example/"}
  - {title: 河岸观察, slug: riverside, path: articles, match: {author: 河岸观察}, aliases: [hean]}
  - {title: Everything else, path: articles, split_by: author}
"""

# Each feed with its rules, and the articles (see `fill`) that it should hold.
RULES = {
    "word": ("include: 望远镜", {"土星", "镜片"}),
    "variants": ("include: '望远镜|telescope'", {"土星", "镜片", "Ten evenings"}),
    "title": ("include: '^土'", {"土星"}),
    "any-case": ("include: TELESCOPE", {"Ten evenings"}),
    "letters": (r"include: '\p{Han}{2}'", {"土星", "镜片", "早市"}),
    "entity": ("include: 'Tea & tide'", {"Tables"}),
    "not-markup": ("include: 'saturn.example|<p>|class'", set()),
    "without": ("exclude: 望远镜|evenings", {"早市", "Tables", "Plain"}),
    "both": ("include: 望远镜, exclude: '广告'", {"土星"}),
    "by-title": ("sources: Notes", {"Ten evenings", "Tables", "Plain"}),
    "by-slug": ("sources: [riverside]", {"早市"}),
    "by-alias": ("sources: hean", {"早市"}),
    "found": ("sources: [星空社]", {"土星"}),
    "found-by-slug": ("sources: 36号", {"镜片"}),
    "several": ("sources: [Riverside, 星空社, nobody]", {"早市", "土星"}),
    "author": ("authors: [ada BYRON, 河岸观察]", {"Ten evenings", "早市"}),
    "node": ("categories: 新闻", {"土星", "早市"}),
    "path": ("categories: 新闻/科技", {"土星"}),
    "listed": ("categories: [[新闻, 生活], Garden]", {"早市", "Tables"}),
    "with-slash": ("categories: [AC/DC, 新闻/科技/x]", {"镜片"}),
    "not-a-node": ("categories: 科技", set()),
    "all-kinds": ("include: 望远镜, categories: 新闻, sources: [星空社, 36号], authors: 星空社", {"土星"}),
    "contrary": ("sources: Notes, authors: 星空社", set()),
}


def feeds(rules: Iterable[tuple[str, str]]) -> str:
    items = "".join(f"    - {{slug: {slug}, title: Feed {slug}, {rule}}}\n" for slug, rule in rules)
    return f"feeds:\n  custom:\n{items}"


def configure(place: Place, *rules: tuple[str, str], sources: str = SOURCES) -> None:
    """Start with another config."""
    place.configure((feeds(rules) if rules else "") + sources)
    follow(place)


def follow(place: Place) -> None:
    place.later(minutes=1)
    sync(place.store, place.config, lambda: place.now)


def write(place: Place, path: str, title: str, body: str, *categories: str, **fields: str) -> None:
    text = article(title, f"<p>{body}</p>", **fields)
    listed = "".join(f"\n - {name}" for name in categories)
    place.later(minutes=1)
    place.write(path, text.replace("\n---\n\n", f"\ncategories: {listed}\n---\n\n") if categories else text)


def fill(place: Place) -> None:
    saturn = '<a class="x" href="https://saturn.example/">一台旧望远镜</a>，让山村小学看见土星环。'
    write(place, "articles/a.md", "土星", saturn, "新闻", "科技", author="星空社")
    write(place, "articles/b.md", "镜片", "望远<b>镜</b>的镜片怎样擦。广告。", "AC/DC", "live", author="36号")
    write(place, "articles/c.md", "早市", "河边的早市六点就开了。", "新闻", "生活", author="河岸观察")
    write(place, "notes/d.md", "Ten evenings", "Before you buy a Telescope, look up.", author="Ada Byron")
    write(place, "notes/e.md", "Tables", "Tea &amp; tide tables.", "Garden")
    write(place, "notes/f.md", "Plain", "A quiet day.")
    place.scan()


def titles(place: Place, slug: str) -> set[str]:
    """The titles in a feed, which the store also counts right."""
    scope = place.store.scope(f"feeds/{slug}")
    assert scope is not None
    found = [filed.article.title for filed in place.store.window(scope, 1000)]
    assert scope.size == len(found) == len(set(found))
    return set(found)


def revision(place: Place, path: str) -> int:
    scope = place.store.scope(path)
    assert scope is not None
    return scope.revision


def test_every_rule_takes_what_it_should_when_articles_are_filed(place: Place) -> None:
    configure(place, *((slug, rule) for slug, (rule, _) in RULES.items()))
    fill(place)
    assert {slug: titles(place, slug) for slug in RULES} == {slug: expected for slug, (_, expected) in RULES.items()}


def test_a_feed_that_is_defined_later_holds_the_same(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "CHUNK", 2)
    configure(place)
    fill(place)
    place.empty("notes")
    configure(place, *((slug, rule) for slug, (rule, _) in RULES.items()))
    assert {slug: titles(place, slug) for slug in RULES} == {slug: expected for slug, (_, expected) in RULES.items()}


def test_an_edit_moves_an_article_in_and_out(place: Place) -> None:
    configure(place, ("stars", "include: 望远镜"), ("bread", "include: bread"))
    write(place, "notes/a.md", "A", BODY)
    write(place, "notes/b.md", "B", OTHER)
    place.scan()
    assert (titles(place, "stars"), titles(place, "bread")) == (set(), {"B"})
    before = revision(place, "feeds/bread")
    write(place, "notes/a.md", "A", BODY + "望远镜")
    place.scan()
    assert titles(place, "stars") == {"A"}
    assert revision(place, "feeds/bread") == before
    write(place, "notes/a.md", "A", BODY + "显微镜")
    place.scan()
    assert titles(place, "stars") == set()
    scope = place.store.scope("feeds/stars")
    assert scope is not None
    assert scope.withdrawn == scope.changed == place.now


def test_an_edit_that_leaves_an_article_where_it_is_shows_in_its_feeds(place: Place) -> None:
    configure(place, ("river", "include: river"), ("bread", "include: bread"))
    write(place, "notes/a.md", "A", BODY)
    write(place, "notes/b.md", "B", OTHER)
    place.scan()
    before = revision(place, "feeds/river"), revision(place, "feeds/bread")
    write(place, "notes/a.md", "A", BODY + "More.")
    place.scan()
    assert (revision(place, "feeds/river"), revision(place, "feeds/bread")) == (before[0] + 1, before[1])


def test_recategorizing_moves_an_article(place: Place) -> None:
    configure(place, ("x", "categories: X"), ("y", "categories: Y/Z, include: river"))
    write(place, "notes/a.md", "A", BODY, "X")
    place.scan()
    assert (titles(place, "x"), titles(place, "y")) == ({"A"}, set())
    write(place, "notes/a.md", "A", BODY, "Y", "Z")
    place.scan()
    assert (titles(place, "x"), titles(place, "y")) == (set(), {"A"})


def test_another_source_moves_an_article(place: Place) -> None:
    rules = ("else", "sources: [Ada], include: river"), ("hers", "sources: her-own")
    own = '\n  - {title: Her own, path: articles, match: {author: "Ada*"}}'
    with_own = SOURCES.replace("sources:", f"sources:{own}")
    configure(place, *rules, sources=with_own.replace("Ada*", "Nobody"))
    write(place, "articles/a.md", "A", BODY, author="Ada")
    place.scan()
    assert (titles(place, "else"), titles(place, "hers")) == ({"A"}, set())
    configure(place, *rules, sources=with_own)
    place.scan()
    assert (titles(place, "else"), titles(place, "hers")) == (set(), {"A"})


def test_a_withdrawn_article_leaves_and_comes_back(place: Place) -> None:
    configure(place, ("river", "include: river"), ("all", "exclude: nothing"))
    for draft in ("false", "true", "false"):
        write(place, "notes/a.md", "A", BODY, draft=draft)
        place.scan()
        expected = set() if draft == "true" else {"A"}
        assert (titles(place, "river"), titles(place, "all")) == (expected, expected)


def test_changed_rules_are_applied_to_what_is_there(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "CHUNK", 2)
    configure(place, ("mine", "include: 望远镜"), ("other", "include: tide"))
    fill(place)
    other = revision(place, "feeds/other")
    configure(place, ("mine", "include: 'telescope|土星'"), ("other", "include: tide"))
    assert titles(place, "mine") == {"土星", "Ten evenings"}
    assert revision(place, "feeds/other") == other
    configure(place, ("mine", "categories: 新闻"), ("other", "include: tide"))
    assert titles(place, "mine") == {"土星", "早市"}


def test_a_feed_that_is_taken_out_is_gone_and_lives_again(place: Place) -> None:
    configure(place, ("stars", "include: 望远镜"))
    fill(place)
    configure(place)
    scope = place.store.scope("feeds/stars")
    assert scope is not None
    assert (scope.gone, scope.size, place.store.window(scope, 10)) == (True, 0, [])
    assert len(place.feed()) == 6
    write(place, "notes/g.md", "G", "Another 望远镜.")
    place.scan()
    assert titles(place, "stars") == set()
    configure(place, ("stars", "include: 望远镜"))
    again = place.store.scope("feeds/stars")
    assert again is not None
    assert (again.gone, again.id) == (False, scope.id)
    assert titles(place, "stars") == {"土星", "镜片", "G"}


def test_another_title_is_no_other_feed(place: Place) -> None:
    configure(place, ("stars", "include: 望远镜"))
    fill(place)
    members, before = titles(place, "stars"), revision(place, "feeds/stars")
    place.configure(feeds([("stars", "include: 望远镜")]).replace("Feed stars", "星空") + SOURCES)
    follow(place)
    scope = place.store.scope("feeds/stars")
    assert scope is not None
    assert (scope.title, scope.names, scope.revision > before) == ("星空", ("星空",), True)
    assert titles(place, "stars") == members


def test_a_new_slug_keeps_what_the_feed_holds(place: Place) -> None:
    configure(place, ("stars", "include: 望远镜"))
    fill(place)
    before = place.store.scope("feeds/stars")
    configure(place, ("night", "include: 望远镜, aliases: [stars]"))
    after = place.store.scope("feeds/night")
    assert before is not None
    assert after is not None
    assert (after.id, after.title, place.store.scope("feeds/stars")) == (before.id, "Feed night", None)
    assert titles(place, "night") == {"土星", "镜片"}


def test_a_feed_may_follow_one_that_was_removed_before(place: Place) -> None:
    configure(place, ("stars", "include: 望远镜"))
    fill(place)
    configure(place, ("night", "include: telescope"))
    configure(place, ("night", "include: telescope, aliases: [stars]"))
    assert place.store.scope("feeds/stars") is None
    assert titles(place, "night") == {"Ten evenings"}


def test_building_that_was_stopped_is_done_at_the_next_start(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "CHUNK", 2)
    configure(place)
    fill(place)
    place.configure(feeds([("all", "exclude: nothing")]) + SOURCES)
    stops = iter([False, False, True])
    with pytest.raises(ScanStoppedError):
        sync(place.store, place.config, lambda: place.now, lambda: next(stops))
    assert len(titles(place, "all")) == 2
    follow(place)
    assert len(titles(place, "all")) == 6


def test_two_processes_at_once_build_it_once(place: Place) -> None:
    configure(place)
    fill(place)
    place.configure(feeds([("all", "exclude: nothing")]) + SOURCES)
    threads = [threading.Thread(target=sync, args=(place.store, place.config, lambda: place.now)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(titles(place, "all")) == 6
    scope = place.store.scope("feeds/all")
    assert scope is not None
    assert scope.revision == 1


def test_a_process_with_an_older_config_harms_no_feed_that_it_does_not_know(place: Place) -> None:
    configure(place, ("stars", "include: 望远镜"))
    fill(place)
    place.configure(SOURCES)  # another process, started before the feed was configured
    write(place, "notes/h.md", "H", "A 望远镜 that this process knows no feed for.")
    write(place, "articles/a.md", "土星", "一台旧望远镜，让山村小学看见土星环。改。", "新闻", "科技", author="星空社")
    write(place, "articles/b.md", "镜片", "望远<b>镜</b>的镜片怎样擦。广告。", author="36号", draft="true")
    place.scan()
    assert titles(place, "stars") == {"土星"}


# Expressions that take a backtracking engine years, each with a text that brings it out.
BOMBS = {
    r"'(a+)+$'": "a" * 50_000 + "!",
    r"'(a|aa)+$'": "a" * 50_000 + "!",
    r"'(.*)*,(.*)*;'": "a," * 20_000,
    r"'(\w+\s?)+$'": "word " * 10_000 + "!",
    r"'^(([a-z])+.)+[A-Z]([a-z])+$'": "a" * 50_000,
    r"'(望+)+镜'": "望" * 50_000,
    r"'((a?){30}){30}a{900}'": "a" * 50_000,
}


def test_no_expression_can_hold_up_the_service(place: Place) -> None:
    configure(place, *((f"bomb-{number}", f"include: {bomb}") for number, bomb in enumerate(BOMBS)))
    for number, text in enumerate(BOMBS.values()):
        write(place, f"notes/{number}.md", f"Bomb {number}", text)
    started = time.process_time()
    place.scan()
    assert time.process_time() - started < 20
    assert titles(place, "bomb-6") == {"Bomb 0", "Bomb 1", "Bomb 4", "Bomb 6"}
