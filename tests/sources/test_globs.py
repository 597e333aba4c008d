"""Patterns as in .gitignore."""

import pytest

from aggregator.errors import SourceError
from aggregator.sources import Globs


@pytest.mark.parametrize(
    ("include", "exclude", "fitting", "other"),
    [
        ((), (), ["a.md", "a/b/文章.txt"], []),
        (("*.md",), (), ["a.md", "a/b/c.md", "a.md/b.md"], ["a.txt", "a.mdx"]),
        (("*.md", "*.html"), ("drafts/",), ["a.md", "x/b.html"], ["drafts/a.md", "x/drafts/a.md", "a.txt"]),
        (("*.md", "notes/"), ("a*",), ["b.md", "notes/b.txt"], ["a.md", "b.txt"]),
        (("*.MD", "!b.MD"), (), ["a.MD", "x.MD/a.txt"], ["a.md", "b.MD"]),
        (("posts/*.md",), (), ["posts/a.md"], ["posts/a/b.md", "x/posts/a.md"]),
        (("posts/**/*.md",), (), ["posts/a.md", "posts/a/b.md"], ["a.md"]),
        (("/a.md",), (), ["a.md"], ["b/a.md"]),
        ((), ("*.md", "!keep.md"), ["keep.md", "x/keep.md", "a.txt"], ["a.md"]),
        (("新媒体/**",), (), ["新媒体/ZAKER/a.md"], ["旧媒体/a.md"]),
        (("[ab].md",), (), ["a.md", "x/b.md"], ["c.md"]),
        (("[[a].md",), (), ["a.md", "[.md"], ["[a.md", "b.md"]),
    ],
)
def test_fits(include: tuple[str, ...], exclude: tuple[str, ...], fitting: list[str], other: list[str]) -> None:
    globs = Globs(include, exclude)
    assert [path for path in fitting + other if globs.fits(path)] == fitting


@pytest.mark.parametrize("pattern", ["!", "\\", "[z-a]"])
def test_what_is_no_pattern_is_named(pattern: str) -> None:
    with pytest.raises(SourceError, match=r"exclude: .* is not a pattern") as raised:
        Globs((), ("*.md", pattern))
    assert repr(pattern) in str(raised.value)
