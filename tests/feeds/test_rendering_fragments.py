"""Elements that are kept for other feeds: the document is the same as if all of it were made now."""

from dataclasses import replace
from datetime import timedelta

import pytest

from feeds.render import FORMATS, xml
from feeds.render.fragments import Fragments, Marks, assemble
from feeds.selection import NOTHING_YET, compose
from tests.feeds.feed_samples import MORNING, make_config, make_filed

MARKS = Marks(b"<e>", b"</e>\n", b"</d>")


def document(entries: object) -> bytes:
    return b"<d>\n" + b"".join(b"<e>%s</e>\n" % entry for entry in entries) + b"</d>\n"  # type: ignore[attr-defined]


@pytest.mark.parametrize("known", ["", "b", "ac", "abc"])
def test_what_is_kept_stands_in_its_place(known: str) -> None:
    kept, asked = Fragments(), []

    def render(entries: object) -> bytes:
        asked.append(list(entries))  # type: ignore[call-overload]
        return document(entries)

    for name in known:
        kept.put(name, b"<e>%s</e>\n" % name.encode())
    made = assemble(kept, MARKS, [(name, name.encode()) for name in "abc"], render)
    assert made == document([b"a", b"b", b"c"])
    assert asked == [[name.encode() for name in "abc" if name not in known]]


def test_the_least_recently_used_go_first() -> None:
    kept = Fragments(max_bytes=20)
    kept.put("a", b"0123456789")
    kept.put("b", b"0123456789")
    kept.get("a")
    kept.put("c", b"0123456789")
    assert [name for name in "abc" if kept.get(name)] == ["a", "c"]


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_an_article_in_another_feed_is_written_as_that_feed_needs_it(
    suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its language, its fraction of a second and its own text may be others there."""
    notes = [make_filed(1), make_filed(2, language="fr"), make_filed(3, MORNING)]
    feed = compose(NOTHING_YET, notes, make_config())
    first, *rest = feed.articles
    others = [
        replace(feed, language="fr"),
        replace(feed, articles=(first, replace(first, title="Twin"))),
        replace(feed, articles=(replace(first, content="<p>Other</p>"), *rest)),
        replace(feed, articles=(replace(first, updated=first.updated + timedelta(seconds=1)), *rest)),
        replace(feed, articles=tuple(rest)),
    ]
    kept = [FORMATS[suffix].render(other) for other in (feed, *others)]
    for other, expected in zip((feed, *others), kept, strict=True):
        monkeypatch.setattr(xml, "_kept", Fragments(0))
        assert FORMATS[suffix].render(other) == expected
