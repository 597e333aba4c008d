"""What makes another article of it, and what does not; which key it has; which entries are drafts."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from aggregator.models import Article, Entry, FieldValue
from aggregator.normalizer import STEPS, VERSION, Options, is_draft, normalize

NOW = datetime(2026, 11, 20, tzinfo=UTC)
FIELDS: dict[str, FieldValue] = {"title": "Lake", "date": "2022-02-05 20:22:00", "categories": ["a", "b"]}
BODY = "<div><p>Calm water.</p></div>"


def article(changed: Mapping[str, FieldValue] | None = None, body: str = BODY, path: str = "a/b.md") -> Article:
    return normalize(Entry(path, {**FIELDS, **(changed or {})}, body, NOW), Options(timezone=UTC), NOW).article


@pytest.mark.parametrize(
    "changed",
    [
        {"date": "2022-02-06 10:00:00"},
        {"updated": "2022-02-06"},
        {"categories": ["c"]},
        {"headimg": "https://picsum.photos/400/300?random=17"},
        {"comments": "false"},
        {"title": " Lake\n"},
    ],
)
def test_a_rewrite_is_no_other_article(changed: dict[str, FieldValue]) -> None:
    assert article(changed, path="c/d.md").content_hash == article().content_hash


def test_another_random_picture_is_no_other_article() -> None:
    one, other = (f'<img src="https://picsum.photos/400/300?random={number}">' for number in (1, 2))
    assert article(body=BODY + one).content_hash == article(body=BODY + other).content_hash == article().content_hash


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Lakes"},
        {"author": "Ann"},
        {"tags": "water"},
        {"description": "Calm water."},
        {"lang": "en"},
        {"cover": "https://img.example.com/a.jpg"},
        {"link": "https://example.com/lake"},
    ],
)
def test_what_a_reader_sees_makes_another(changed: dict[str, FieldValue]) -> None:
    assert article(changed).content_hash != article().content_hash
    assert article(changed).body_hash == article().body_hash


def test_another_body_makes_another() -> None:
    assert article(body="<p>Rough water.</p>").body_hash != article().body_hash


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.com/a", "https://example.com/a"),
        ("https://example.com/a/", "https://example.com/a"),
        ("https://EXAMPLE.com/a", "https://example.com/a"),
    ],
)
def test_the_key_of_a_link_outlives_scheme_and_slash(one: str, other: str) -> None:
    assert article({"link": one}).key == article({"link": other}).key is not None


def test_keys_of_different_kinds_differ() -> None:
    keys = [article({name: "example.com/a"}).key for name in ("id", "abbrlink")]
    keys.append(article({"link": "https://example.com/a"}).key)
    assert len(set(keys)) == 3
    assert article().key is None


def test_a_long_identity_is_shortened_and_still_its_own() -> None:
    one, other = article({"guid": "x" * 100_000}).key, article({"guid": "x" * 100_001}).key
    assert one != other
    assert one is not None
    assert len(one) < 100


@pytest.mark.parametrize("word", ["true", "True", "yes", "on", "1"])
def test_drafts(word: str) -> None:
    assert is_draft(Entry("a.md", {"draft": word}, "", NOW))


@pytest.mark.parametrize("word", ["false", "no", "off", "0"])
def test_unpublished(word: str) -> None:
    assert is_draft(Entry("a.md", {"published": word}, "", NOW))


@pytest.mark.parametrize("fields", [{}, {"draft": "false"}, {"published": "2022-02-05"}, {"published": "true"}])
def test_published(fields: dict[str, FieldValue]) -> None:
    assert not is_draft(Entry("_posts/a.md", fields, "", NOW))
    assert is_draft(Entry("source/_drafts/a.md", fields, "", NOW))


def test_every_step_has_a_name_and_says_what_it_does() -> None:
    assert len({step.__name__ for step in STEPS}) == len(STEPS)
    assert all((step.__doc__ or "").splitlines()[0].endswith(".") for step in STEPS)
    assert VERSION >= 1
