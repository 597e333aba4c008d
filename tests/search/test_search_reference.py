"""Any query finds what reading every article would find, and is shown where it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from aggregator.store.search import parse
from aggregator.store.search.excerpt import Fragment, excerpt, mark
from aggregator.store.search.query import Term
from aggregator.store.search.text import canonical, plain_text
from tests.support import Place, article

WORDS = [
    "人",
    "工",
    "智",
    "人工",
    "智能",
    "人工智能",
    "工智",
    "ai",
    "AI",
    "aid",
    "River",
    "rivers",
    "36",
    "氪",
    "36氪",
]
LETTERS = ["", " ", "，", "-", '"', "*", "'", ":", "|", "&", "(", ")", "\\", "\x00", "か\u3099", "é", "한", "국어"]
texts = st.lists(st.sampled_from(WORDS + LETTERS), max_size=12).map("".join)
queries = st.one_of(texts, st.lists(st.sampled_from(WORDS + LETTERS), max_size=6).map(" ".join), st.text(max_size=20))

# Enough combinations of few words that every rule has articles on both sides.
CORPUS = {
    f"{number}. {first}": f"{second}{joint}{third} {fourth}"
    for number, (first, second, joint, third, fourth) in enumerate(
        (WORDS[a], WORDS[b], LETTERS[c], WORDS[d], WORDS[e])
        for a, b, c, d, e in ((n % 15, n * 7 % 15, n % 18, n * 11 % 15, n * 4 % 15) for n in range(120))
    )
}


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = filled(tmp_path_factory.mktemp("search"))
    yield place
    place.store.close()


def filled(folder: Path, **options: str) -> Place:
    place = Place(folder, **options)
    for number, (title, body) in enumerate(CORPUS.items()):
        name = title.replace("'", "''")
        place.write(f"articles/{number}.md", article(name, f"<p>{body.replace('&', '&amp;')}</p>"))
    place.scan()
    place.store.search.catch_up()
    return place


def by_reading(place: Place, query: str) -> list[str]:
    """The ids of the articles that have it, newest first."""
    terms = parse(query).terms
    wanted = [term for term in terms if not term.excluded]
    return [
        filed.id
        for filed in place.feed()
        if wanted and all(has(filed.article.title, filed.article.content, term) != term.excluded for term in terms)
    ]


def has(title: str, content: str, term: Term) -> bool:
    return any(term.pattern in canonical(text) for text in (title, plain_text(content)))


def agrees(place: Place, query: str) -> None:
    expected = by_reading(place, query)
    found = place.store.search.find(parse(query), 1000)
    assert sorted(filed.id for filed in found.articles) == sorted(expected)
    assert (found.total, found.more) == (len(expected), False)
    newest = place.store.search.newest(parse(query), 1000)
    assert [filed.id for filed in newest.articles] == expected
    assert newest.next is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(queries)
@example("人工")
@example("36氪 -ai*")
@example('"rivers 36" -智')
def test_a_query_finds_what_reading_everything_finds(sqlite: Place, query: str) -> None:
    agrees(sqlite, query)


def test_both_databases_find_the_same(sqlite: Place, tmp_path: Path, database: str) -> None:
    place = filled(tmp_path, store_url=database)
    for query in [
        *WORDS,
        *map(" ".join, zip(WORDS, WORDS[3:], strict=False)),
        "36氪 -ai",
        "riv* -人",
        '"人工 ai"',
        "한국어",
    ]:
        agrees(place, query)
        ranked = [[one.id for one in where.store.search.find(parse(query), 50).articles] for where in (place, sqlite)]
        assert ranked[0] == ranked[1]
    place.store.close()


def written(fragments: tuple[Fragment, ...]) -> str:
    return "".join(f"[{fragment.text}]" if fragment.is_hit else fragment.text for fragment in fragments)


MARKED = [
    ("人工", "人工智能，人工。", "[人工]智能，[人工]。"),
    ("人工智能", "人工，智能，人工智能", "人工，智能，[人工智能]"),
    ("人工 工智", "人工智能", "[人工智]能"),
    ("river", "The RIVER, rivers; ｒｉｖｅｒ river river", "The [RIVER], rivers; [ｒｉｖｅｒ] [river] [river]"),
    ("cafe", "Cafe\u0301 café", "[Cafe\u0301] [café]"),
    ("riv*", "Rivers", "[Riv]ers"),
    ("36氪", "36氪和36 氪", "[36氪]和[36 氪]"),
    ("<b>", "a <b> & c", "a <[b]> & c"),
    ("株式会社", "㍿です", "[㍿]です"),
    ("が", "か\u3099", "[か\u3099]"),
    ("한", "한국", "[한]국"),
    ("nothing", "some text", "some text"),
]


@pytest.mark.parametrize(("query", "text", "expected"), MARKED)
def test_marks(query: str, text: str, expected: str) -> None:
    assert written(mark(text, patterns(query))) == expected


def test_an_excerpt_shows_the_first_hit_with_what_is_around_it() -> None:
    text = f"{'before ' * 40}the river runs\fand {'after ' * 40}"
    shown = written(excerpt(text, patterns("river"), 60))
    assert shown == "…before before the [river] runs and after after after after…"
    assert written(excerpt(text, patterns("nothing"), 30)) == "before before before before…"
    assert written(excerpt("short", patterns("nothing"), 30)) == "short"
    chinese = written(excerpt("前" * 100 + "人工智能" + "后" * 100, patterns("人工"), 30))
    assert chinese == "…" + "前" * 10 + "[人工]智能" + "后" * 16 + "…"


def patterns(query: str) -> list[str]:
    return [term.pattern for term in parse(query).wanted]


@given(queries, texts, st.integers(1, 40))
def test_marks_are_where_the_search_finds_it(query: str, text: str, width: int) -> None:
    asked, marked = patterns(query), mark(text, patterns(query))
    assert "".join(fragment.text for fragment in marked) == text.replace("\f", " ")
    assert any(fragment.is_hit for fragment in marked) == any(one in canonical(text) for one in asked)
    shown = "".join(fragment.text for fragment in excerpt(plain_text(text), asked, width)).strip("…")
    assert len(shown) <= width
    assert shown in plain_text(text).replace("\f", " ")


@given(st.text(), st.text(), st.integers(1, 40))
def test_marking_never_fails(query: str, text: str, width: int) -> None:
    assert "".join(fragment.text for fragment in mark(text, patterns(query))) == text.replace("\f", " ")
    excerpt(text, patterns(query), width)
