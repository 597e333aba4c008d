"""Whatever the file holds, it is a Config or a ConfigError; whatever the problem, it is one line."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from aggregator import slugs
from aggregator.config import ConfigProblem, options, parse_config
from aggregator.config.environment import expand
from aggregator.config.messages import WORDS
from aggregator.config.models import Config
from aggregator.config.names import RESERVED_SUFFIXES, SLUG_LENGTH, parse_glob
from aggregator.config.patterns import Pattern, parse_pattern
from aggregator.errors import ConfigError
from aggregator.sources import Globs

NAMES = [option.name for option in options()] + ["", "x", "<<"]
SCALARS = st.one_of(
    st.sampled_from(["1", "no", "~", "${A}", "${B}", "$$", "*", "0 6 * * *", "5 m", "1 KB", "zh_CN", "a/b", "[", "'",
                     "&a", "*a", "!x", "https://x.example/", "sqlite:///x", "postgresql+psycopg://h/d", "UTC"]),
    st.text(max_size=12),
)  # fmt: skip
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=12,
)
LINES = st.lists(
    st.builds(
        lambda indent, dash, key, value: f"{'  ' * indent}{dash}{key}: {value}",
        st.integers(0, 3),
        st.sampled_from(["", "- "]),
        st.sampled_from(NAMES),
        SCALARS,
    ),
    max_size=8,
).map("\n".join)


def as_yaml(tree: object) -> str:
    if isinstance(tree, list):
        return f"[{', '.join(map(as_yaml, tree))}]"
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key or '?'}: {as_yaml(value)}" for key, value in tree.items()) + "}"
    return str(tree)


def problems(text: str) -> tuple[object, ...]:
    try:
        parse_config(text, Path("/etc/config.yaml"), {"A": "x", "B": ""})
    except ConfigError as error:
        return error.problems or ("none",)
    return ()


def read(text: str) -> None:
    for problem in problems(text):
        assert isinstance(problem, ConfigProblem)
        assert str(problem).isprintable()


@given(st.text(max_size=200))
@example("\ud800")
@example("%YAML " + "9" * 5000 + ".1\n---\na")
@example("[" * 5000)
@example("- " * 5000)
@example("&a [*a]")
@example("sources: &a [*a]")
@example("sources: [{title: A, path: a, every: " + "9" * 5000 + "}]")
@example("server: {port: " + "9" * 5000 + "}")
def test_any_text(text: str) -> None:
    read(text)


@given(LINES)
def test_any_lines(text: str) -> None:
    read(text)


@given(st.dictionaries(st.sampled_from(NAMES), TREES, max_size=6))
def test_any_tree(tree: dict[str, object]) -> None:
    read(as_yaml(tree))


@given(st.dictionaries(st.sampled_from(NAMES), TREES, max_size=6))
def test_any_source(tree: dict[str, object]) -> None:
    read(f"sources: [{as_yaml({'title': 'A', 'path': 'a', **tree})}]")


@given(st.dictionaries(st.sampled_from(NAMES), TREES, max_size=6))
def test_any_custom_feed(tree: dict[str, object]) -> None:
    item = as_yaml({"slug": "a", "title": "A", "include": "a", **tree})
    read(f"feeds: {{custom: [{item}]}}\nsources: [{{title: A, path: a}}]")


@given(st.text())
@example("(" * 2000)
@example("((a{0,30}){0,30}){0,30}")
@example(r"\pL{1,1000}")
@example("[\\")
def test_any_expression_is_taken_or_refused_with_a_remedy(text: str) -> None:
    try:
        pattern = parse_pattern(text)
    except ValueError as error:
        assert ";" in str(error)  # noqa: PT017 (either outcome is right)
    else:
        Pattern(pattern).found_in("一台旧望远镜")


@given(st.text())
def test_dollars_can_be_written(text: str) -> None:
    assert expand(text.replace("$", "$$"), {}) == text


def test_every_kind_of_error_that_the_models_can_raise_has_words() -> None:
    kinds = set()
    for option in options():
        for value in (
            None,
            "x",
            ["x"],
            {"k": "v"},
            {"k": ["x", {}]},
            [None],
            "9" * 20,
            "9" * 5000,
            "0",
            "-1",
            1.5,
            object(),
        ):
            outer = {"title": "A", "path": "a"}
            tree: dict[str, object] = {"sources": [outer]}
            if option.group == "sources[]":
                outer[option.name] = value  # type: ignore[assignment]
            elif option.group == "feeds.custom[]":
                tree["feeds"] = {"custom": [{"slug": "a", "title": "A", option.name: value}]}
            elif option.group:
                tree[option.group] = {option.name: value}
            else:
                tree[option.name] = value
            kinds |= kinds_of_errors(tree)
    assert kinds
    assert kinds <= set(WORDS)


def kinds_of_errors(tree: dict[str, object]) -> set[str]:
    try:
        Config.model_validate(tree)
    except ValidationError as error:
        return {detail["type"] for detail in error.errors()}
    return set()


def use_as_pattern(text: str) -> None:
    try:
        pattern = parse_glob(text)
    except ValueError as error:
        assert ";" in str(error)  # noqa: PT017 (either outcome is right)
    else:
        Globs([pattern])


@given(st.text(alphabet="ab*!#/\\?-. ", min_size=1, max_size=8).map(str.strip).filter(bool))
def test_a_pattern_that_is_accepted_can_be_used(text: str) -> None:
    use_as_pattern(text)


@given(st.text(alphabet="acz-[]!^:|&~", min_size=1, max_size=8))
@example("[z-a]")
@example("[]z-a]")
def test_a_pattern_with_brackets_that_is_accepted_can_be_used(text: str) -> None:
    use_as_pattern(text)


def test_slugs_follow_the_rules_of_slugs_made_from_titles() -> None:
    assert slugs.FEED_SUFFIXES == RESERVED_SUFFIXES
    assert slugs.MAX_SEGMENT == SLUG_LENGTH


@pytest.mark.parametrize("title", ["36氪", "Harbour Light", "a/b", "news.rss", "?"])
def test_a_slug_made_from_a_title_may_be_configured(title: str) -> None:
    slug = slugs.slugify(title)
    config = parse_config(f"sources: [{{title: A, path: a, slug: '{slug}'}}]", Path("config.yaml"), {})
    assert config.sources[0].slug == slug
