"""Where a file lies: what scans pass over, links, folders within folders."""

import os
import re
from pathlib import Path

import pytest

from aggregator.config import Config, parse_config
from aggregator.explain import Explanation, explain_json, explain_text, explained
from tests.explain.explain_cases import NOW, settle

TEXT = "---\ntitle: A pier\nauthor: Ida\n---\nThe pier is open.\n"
CONFIG = """
sources:
  - {title: Inner, path: all/inner, match: {author: Bo}}
  - {title: Outer, path: all}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("all/a.md", "all/inner/b.md", "outside/c.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(TEXT)
    settle(tmp_path)
    return tmp_path


def config(root: Path, text: str = CONFIG) -> Config:
    return parse_config(text, root / "config.yaml", {})


def about(root: Path, name: str, text: str = CONFIG) -> Explanation:
    return explained(config(root, text), root / name, NOW)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("all/.a.md", "it is hidden, since its name begins with a dot; rename it"),
        ("all/.git/a.md", "the folder .git is hidden, since its name begins with a dot; rename it, or move the file"),
        ("all/node_modules/x/a.md", "folders named node_modules hold no articles; move the file"),
        ("all/a.md~", "its name is one that editors and downloads give to temporary files and copies; rename it"),
        ("all/a.md.part", "its name is one that editors and downloads give to temporary files and copies; rename it"),
    ],
)
def test_what_scans_pass_over(name: str, why: str, root: Path) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(TEXT)
    found = about(root, name)
    assert (found.outcome, found.verdict) == ("passed over", f"Scans pass it over: {why}.")
    assert (found.folder, found.path) == ("all", name.removeprefix("all/"))


def test_a_picture(root: Path) -> None:
    (root / "all/inner/pier 1.svg").write_text("<svg/>")
    found = about(root, "all/inner/pier 1.svg")
    assert (found.outcome, found.folder, found.path) == ("media", "all/inner", "pier 1.svg")
    text = explain_text(config(root), root / "all/inner/pier 1.svg", NOW)
    assert "It is a media file (image/svg+xml), no article: articles that refer to it by its place show it" in text
    assert re.search(r" from http://127\.0\.0\.1:8000/media/[0-9a-f]{12}/pier%201\.svg\.$", text)


def test_a_picture_that_is_withheld(root: Path) -> None:
    (root / "all/pier.svg").write_text("<svg/>")
    found = about(root, "all/pier.svg", "sources: [{title: All, path: all, exclude: '*.svg'}]")
    assert found.verdict.endswith("no article, and is not published, since `exclude` leaves it out.")


def test_a_picture_that_a_source_takes_for_an_article(root: Path) -> None:
    (root / "all/pier.svg").write_text("<svg/>")
    found = about(root, "all/pier.svg", "sources: [{title: All, path: all, include: '*'}]")
    assert found.outcome == "problem"


def test_a_file_in_no_folder(root: Path) -> None:
    found = about(root, "outside/c.md")
    assert found.outcome == "outside"
    assert found.verdict == (
        "It lies in no source's folder, so nothing becomes of it: "
        f"add a source with `path: {root}/outside`, or move it into a folder that is watched."
    )


def test_links(root: Path) -> None:
    (root / "all/in.md").symlink_to("inner/b.md")
    (root / "all/out.md").symlink_to("../outside/c.md")
    (root / "all/folder").symlink_to("../outside")
    (root / "elsewhere.md").symlink_to("all/a.md")
    (root / "way").symlink_to("all")
    assert (about(root, "all/in.md").outcome, about(root, "all/in.md").path) == ("article", "in.md")
    assert about(root, "all/out.md").verdict == (
        "Scans pass it over: it is a link that leads out of the source's folder, "
        f"to {root}/outside/c.md; put the file itself there."
    )
    assert about(root, "all/folder/c.md").verdict == (
        f"Scans pass it over: {root}/all/folder is a link that leads out of the source's folder, and such links are "
        f"not followed: put the files themselves there, or add a source for {root}/outside."
    )
    for name in ("elsewhere.md", "way/a.md", "all/inner/../a.md"):
        assert (about(root, name).outcome, about(root, name).path) == ("article", "a.md")


def test_a_source_folder_that_is_a_link(root: Path) -> None:
    (root / "named").symlink_to("all")
    text = "sources: [{title: Named, path: named}]"
    for name in ("named/a.md", "all/a.md"):
        found = about(root, name, text)
        assert (found.outcome, found.folder, found.path) == ("article", "named", "a.md")
        assert [judged.takes for judged in found.sources] == [True]


def test_a_folder_within_a_folder(root: Path) -> None:
    found = about(root, "all/inner/b.md")
    assert (found.folder, found.path) == ("all", "inner/b.md")
    assert [(judged.title, judged.takes, judged.why) for judged in found.sources] == [
        ("Inner", False, "`author` is “Ida”, and it wants “Bo”"),
        ("Outer", True, "it takes every file of all that no source before it took"),
    ]
    found = about(root, "all/inner/b.md", CONFIG.replace("Bo", "Ida"))
    assert (found.folder, found.path, [judged.title for judged in found.sources]) == ("all/inner", "b.md", ["Inner"])
    found = about(root, "all/a.md")
    assert [judged.near for judged in found.sources] == [False, True]


def test_an_inner_folder_that_the_outer_source_does_not_see(root: Path) -> None:
    (root / "all/.inner").mkdir()
    (root / "all/.inner/d.md").write_text(TEXT)
    text = "sources: [{title: Outer, path: all}, {title: Inner, path: all/.inner}]"
    assert about(root, "all/.inner/d.md", text).outcome == "passed over"


def test_relative_names_count_from_the_current_folder(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / "all/inner")
    for name in ("../a.md", "./../inner/b.md", "b.md"):
        assert explained(config(root), Path(name), NOW).outcome == "article"


def test_a_large_file_and_one_that_may_not_be_larger(root: Path) -> None:
    text = CONFIG + "  - {title: Never, path: outside, max_size: 20 B}\n"
    found = about(root, "outside/c.md", text)
    assert (found.outcome, found.intake) == ("problem", None)
    assert "more than the 20 allowed" in found.problems[0].message


@pytest.mark.parametrize("name", [b"caf\xe9.md", "evil\x1b[31m\u202e.md".encode(), "新闻 #1 ?.md".encode()])
def test_any_file_name(name: bytes, root: Path) -> None:
    path = os.path.join(os.fsencode(root), b"all", name)  # noqa: PTH118 (bytes)
    with open(path, "w") as stream:
        stream.write(TEXT)
    file = Path(os.fsdecode(path))
    assert explained(config(root), file, NOW).outcome == "article"
    explain_json(config(root), file, NOW).encode()
    text = explain_text(config(root), file, NOW)
    assert "\u202e" not in text
    assert "\x1b[31m\\" not in text
    text.encode()
