"""`aggregator init`: a starter config is right, and publishes every article of its folders."""

import os
import shutil
from pathlib import Path

import pytest

from aggregator.config import load_config
from aggregator.errors import AggregatorError, SourceError
from aggregator.starter import survey as looking
from aggregator.starter import take_guesses, write_starter
from aggregator.store import Outcome
from tests.starter.starter_folders import post, published, started, takes, write

SEEDS = Path(__file__).parents[2] / "seeds"


def test_every_sample_article_is_published(tmp_path: Path) -> None:
    shutil.copytree(SEEDS, tmp_path / "seeds")
    config = started(tmp_path / "seeds", at=tmp_path)
    assert [(source.title, source.path, source.match) for source in config.sources if source.match] == [
        (name, "seeds", {"author": (name,)})
        for name in ("ZAKER", "河岸观察", "36号实验室", "Harbour Light", "Ida Marlowe")
    ]
    assert config.site.language == "zh-CN"
    assert [source.language for source in config.sources] == [None, None, None, "en", "en", None]
    outcomes, sizes = published(config)
    drafts = sum(b"draft: true" in file.read_bytes() for file in SEEDS.rglob("*.md"))
    assert outcomes == {Outcome.ARTICLE: sum(1 for _ in SEEDS.rglob("*.md")) - drafts, Outcome.DRAFT: drafts}
    assert sizes["ZAKER"] > 5
    assert sizes["Everything else"] > 2


@pytest.mark.parametrize(
    "name",
    [
        "with a space",
        " blanks around ",
        "新闻 与 科技",
        'it\'s "quoted"',
        "a: b # c",
        "#hash",
        "- item",
        "[list] {map}, x",
        "!tag &anchor @at `tick`",
        "100%",
        "no",
        "null",
        "2048",
        "${HOME} $$ $x",
        "~tilde",
        "back\\slash",
        "tab\tand\nline",
        "next\u2028line",
        "emoji 🧭 \u200b\u202e",
        "?",
        "-",
        "...",
        ".hidden",
        "title: x\nsources: []",
    ],
)
def test_any_folder_name(name: str, tmp_path: Path) -> None:
    write(tmp_path / name, {"one.md": post("One"), "deep er/two: 2.md": post("Two")})
    config = started(tmp_path / name, at=tmp_path)
    assert [source.folder for source in config.sources] == [tmp_path / name]
    assert takes(config) == {"one.md", "deep er/two: 2.md"}


@pytest.mark.parametrize("name", [b"a*b", b"bell\x07", b"next\xc2\x85line", b"latin\xe9"])
def test_a_folder_that_no_config_can_name(name: bytes, tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(name)
    write(folder, {"one.md": post("One")})
    with pytest.raises(AggregatorError, match="rename it"):
        started(folder, at=tmp_path)
    assert not (tmp_path / "config.yaml").exists()


@pytest.mark.parametrize(
    "author",
    [
        'O\'Neill "Bob"',
        "A* [x] ?",
        "99% Invisible: the #1",
        "no",
        "36kr",
        "&amp; Söhne",
        "{{ name }}",
        "${HOME}",
        "x" * 90,
        "Everything else",
    ],
)
def test_any_author(author: str, tmp_path: Path) -> None:
    quoted = "'" + author.replace("'", "''") + "'"
    write(tmp_path / "in", {"one.md": post("One", author=quoted), "two.md": post("Two", author="Abc")})
    write(tmp_path / "in", {"three.md": post("Three", author="Abc"), "four.md": post("Four")})
    config = started(tmp_path / "in", at=tmp_path)
    assert len(config.sources) == 3
    outcomes, sizes = published(config)
    assert outcomes == {Outcome.ARTICLE: 4}
    assert sorted(sizes.values()) == [1, 1, 2]
    assert sizes["Abc"] == 2


def test_many_authors_share_an_item(tmp_path: Path) -> None:
    write(tmp_path / "in", {f"{n}.md": post(f"Article {n}", author=f"Author {n % 25}") for n in range(50)})
    config = started(tmp_path / "in", at=tmp_path)
    (source,) = config.sources
    assert (source.title, source.split_by, source.match) == ("In", "author", {})
    assert len(published(config)[1]) == 25


def test_one_author_or_none_is_one_source(tmp_path: Path) -> None:
    write(tmp_path / "a", {"1.md": post("One", author="Ada"), "2.md": post("Two", author="Ada")})
    write(tmp_path / "b/posts", {"3.md": post("Three")})
    config = started(tmp_path / "a", tmp_path / "b/posts", at=tmp_path)
    assert {(source.title, source.path, bool(source.match)) for source in config.sources} == {
        ("Ada", "a", False),
        ("B", "b/posts", False),
    }
    assert config.site.title == "Articles"


def test_an_inner_folder_comes_before_the_outer_one(tmp_path: Path) -> None:
    write(tmp_path / "all", {"1.md": post("One"), "inner/2.md": post("Two")})
    config = started(tmp_path / "all", tmp_path / "all/inner", tmp_path / "all", at=tmp_path)
    assert [source.path for source in config.sources] == ["all/inner", "all"]
    assert published(config)[1] == {"All": 1, "Inner": 1}


def test_unusual_endings_are_included_where_they_are_articles(tmp_path: Path) -> None:
    data = "title: settings\nauthor: nobody\n"
    files = {"a.mdx": post("A"), "B.MD": post("B"), "c.md": post("C"), "d.yaml": f"---\n{data}", "e.csv": "title,x\n"}
    write(tmp_path / "in", {**files, "f.py": "print('title')\n"})
    config = started(tmp_path / "in", at=tmp_path)
    assert set(config.sources[0].include) - set(load_config_default(tmp_path)) == {"*.mdx", "*.MD"}
    assert published(config)[0] == {Outcome.ARTICLE: 3}


def load_config_default(folder: Path) -> tuple[str, ...]:
    (folder / "other.yaml").write_text("sources: [{title: A, path: in}]", encoding="utf-8")
    return load_config(folder / "other.yaml", {}).sources[0].include


def test_a_large_folder_is_sampled_from_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "SAMPLE", 20)
    write(tmp_path / "in", {f"a/{n:03}.md": post(f"A {n}", author="A") for n in range(90)})
    write(tmp_path / "in", {f"z/{n:03}.md": post(f"Z {n}", author="Z") for n in range(10)})
    found = looking.survey(tmp_path / "in")
    assert (found.files, found.read, found.whole) == (100, 20, False)
    assert found.authors == [("A", 18), ("Z", 2)]
    config = started(tmp_path / "in", at=tmp_path)
    assert published(config)[1] == {"A": 90, "Z": 10}


def test_dates_without_a_zone_are_counted(tmp_path: Path) -> None:
    dates = ["2026-02-05 20:22:00", "2026-02-05", "2026-02-05T20:22:00Z", "nonsense"]
    write(tmp_path / "in", {f"{n}.md": post(f"A {n}", date=date) for n, date in enumerate(dates)})
    assert looking.survey(tmp_path / "in").zoneless == 1
    started(tmp_path / "in", at=tmp_path)
    assert "without a zone, as in 1 of the articles." in (tmp_path / "config.yaml").read_text()


def test_an_empty_folder_is_a_beginning(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    config = started(tmp_path / "in", at=tmp_path)
    assert [source.path for source in config.sources] == ["in"]
    write(tmp_path / "in", {"1.md": post("One", author="Ada")})
    assert published(config)[0] == {Outcome.ARTICLE: 1}


def test_what_will_not_be_published_is_told(tmp_path: Path) -> None:
    write(tmp_path / "in", {"1.md": post("One", draft="true"), "2.md": post("Two", draft="true"), "3.md": ""})
    told = write_starter([tmp_path / "in"], tmp_path / "config.yaml", take_guesses)
    assert "In: there is no article in it yet" in told
    assert "Not published: 2 drafts, 1 file that is no article. `aggregator check` tells more." in told
    write(tmp_path / "in", {name: post("One") for name in ("1.md", "2.md", "3.md")})
    assert "Not published" not in write_starter([tmp_path / "in"], tmp_path / "config.yaml", take_guesses, force=True)


def test_hostile_files_are_passed_by(tmp_path: Path) -> None:
    write(tmp_path / "in", {"good.md": post("Good"), "none.md": "no front matter", "empty.md": ""})
    (tmp_path / "in/binary.md").write_bytes(bytes(range(256)) * 10)
    (tmp_path / "in/bad.md").write_text('---\ntitle: "It\'s "quoted""\nauthor: &x\n - *x\n---\n')
    os.mkfifo(tmp_path / "in/fifo.md")
    (tmp_path / "in/out.md").symlink_to("/etc/passwd")
    found = looking.survey(tmp_path / "in")
    assert (found.files, found.articles) == (5, 1 + ("bad" in str(found.titles)))


def test_a_config_is_never_replaced_unasked(tmp_path: Path) -> None:
    write(tmp_path / "in", {"1.md": post("One")})
    file = tmp_path / "config.yaml"
    file.write_text("mine")
    with pytest.raises(AggregatorError, match=r"is there already: name another file with --output, or .* --force"):
        write_starter([tmp_path / "in"], file, take_guesses)
    assert file.read_text() == "mine"
    write_starter([tmp_path / "in"], file, take_guesses, force=True)
    assert load_config(file, {}).sources[0].path == "in"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.yaml", "in"]


def test_a_dangling_link_is_no_free_name(tmp_path: Path) -> None:
    write(tmp_path / "in", {"1.md": post("One")})
    (tmp_path / "config.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    with pytest.raises(AggregatorError, match="is there already"):
        started(tmp_path / "in", at=tmp_path)
    assert not (tmp_path / "elsewhere.yaml").exists()


def test_what_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    write(tmp_path / "in", {"1.md": post("One")})
    with pytest.raises(SourceError, match="there is no such folder"):
        started(tmp_path / "missing", at=tmp_path)
    with pytest.raises(AggregatorError, match=r"config\.yaml cannot be written \(No such file or directory\)"):
        write_starter([tmp_path / "in"], tmp_path / "missing/config.yaml", take_guesses)


def test_folders_far_away_are_named_from_the_root(tmp_path: Path) -> None:
    write(tmp_path / "x/in", {"1.md": post("One")})
    for at, path in {"y": "../x/in", "y/z": "../../x/in", "y/z/w": str(tmp_path / "x/in"), "x/in": "."}.items():
        (tmp_path / at).mkdir(parents=True, exist_ok=True)
        assert started(tmp_path / "x/in", at=tmp_path / at).sources[0].path == path
