"""All that is published at one moment, listed without texts."""

from aggregator.models import ScopeKind
from aggregator.store.snapshot import snapshot
from tests.support import BODY, OTHER, Place, article

SPLIT = """
site: {url: "http://feeds.example"}
sources:
  - {title: All, path: articles, split_by: author}
"""


def test_what_is_filed_meanwhile_is_not_seen(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    with snapshot(place.store) as before:
        place.later(minutes=1)
        place.write("articles/b.md", article("B", OTHER))
        place.scan()
        scope = before.scope("latest")
        assert scope is not None
        assert [filed.article.title for filed in before.window(scope, 9)] == ["A"]
        assert len(before.members(scope)) == scope.size == 1
        assert before.revision() < place.store.revision()
    with snapshot(place.store) as after:
        assert after.revision() == place.store.revision()


def test_members_are_in_the_order_of_pages(place: Place) -> None:
    for number in range(20):
        place.write(
            f"articles/{number}.md", article(f"N{number}", f"<p>Text {number}</p>", f"2026-01-0{number % 4 + 1}")
        )
    place.scan()
    with snapshot(place.store) as found:
        scope = found.scope("latest")
        assert scope is not None
        window = found.window(scope, 99)
        listed = found.members(scope)
        assert [(row.arrived, row.seq, row.id) for row in listed] == [(*one.cursor, one.id) for one in window]
        assert {found.sources()[row.source].slug for row in listed} == {"source"}


def test_articles_of_a_source_stand_between_their_neighbours(place: Place) -> None:
    for number in range(12):
        place.write(
            f"articles/{number}.md", article(f"N{number}", f"<p>Text {number}</p>", f"2026-01-0{number % 3 + 1}")
        )
    place.scan()
    place.later(minutes=1)
    place.write("articles/3.md", article("N3", "<p>Text 3</p>", "2026-01-01", draft="true"))
    place.scan()
    with snapshot(place.store) as found:
        (source,) = found.scopes(ScopeKind.SOURCE)
        ids = [row.id for row in found.by_publication(source)]
        assert len(ids) == 11
        for place_in_order, id_ in enumerate(ids):
            filed = found.article(id_)
            assert filed is not None
            before, after = found.neighbours(filed)
            assert (before.id if before else None) == next(iter(ids[place_in_order + 1 :]), None)
            assert (after.id if after else None) == next(iter(ids[:place_in_order][::-1]), None)


def test_what_versions_tells_is_related(place: Place) -> None:
    place.configure(SPLIT)
    texts = [("Same", BODY, "2026-01-01"), ("Other title", BODY, "2026-03-01"), ("Same", OTHER, "2026-01-03")]
    texts += [("Same", "<p>Long after</p>", "2026-06-01"), ("Short", "<p>Members only</p>", "2026-02-01")]
    for author in ("Ada", "Ben", "Cem"):
        for number, (title, body, date) in enumerate(texts):
            if (author, number) != ("Cem", 1):
                place.write(f"articles/{author}{number}.md", article(title, body, date, author=author))
    place.write("articles/short.md", article("Another", "<p>Members only</p>", "2026-02-02", author="Dan"))
    place.scan()
    with snapshot(place.store) as found:
        related = [(one, other) for pairs in found.related().values() for one, other, _, _ in pairs]
        expected = {(one.id, version.id) for one in place.feed() for version in found.versions(one)}
        assert expected
        assert set(related) == expected
        assert len(related) == len(expected)
        dan = next(one for one in place.feed() if one.source.title == "Dan")
        assert dan.id not in {one for one, _ in related}
