"""One hostile file takes neither a second of the processor nor the service; `python -m torture files` tries more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from torture.active import active, illegal, markup_in
from torture.fuzzing import SECONDS, Fuzzer
from torture.journey import Journey

HEAD = "title: Flood\ndate: 2022-02-05\n"
LINES = (Path(__file__).parent / "floods.txt").read_text(encoding="utf-8").splitlines()
FRAMES = {
    "in the body": ("a.html", f"---\n{HEAD}---\n{{}}"),
    "in a body of Markdown": ("a.md", f"---\n{HEAD}---\nIt *is* so.\n\nx {{}}\n"),
    "in the front matter": ("a.md", f"---\n{HEAD}{{}}\n---\n<p>x</p>"),
    "as the file": ("a.md", "{}"),
    "in Latin-1": ("a.md", f"---\n{HEAD}---\n{{}}"),
}


def floods() -> Iterator[tuple[str, str]]:
    """(where, line) of each."""
    where = ""
    for line in LINES:
        if line.startswith("== "):
            where = line.removeprefix("== ")
        elif where:
            yield where, line


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """The way of a file through the whole service; the first of all takes the templates' time."""
    made = Journey(tmp_path_factory.mktemp("journey"))
    made.go("a.html", f"---\n{HEAD}---\n<p>x</p>".encode())
    yield made
    made.close()


@pytest.mark.parametrize(("where", "line"), list(floods()))
def test_a_flood_takes_no_time(where: str, line: str, journey: Journey) -> None:
    times, before, again, behind = line.replace("⏎", "\n").split("|", 3)
    name, frame = FRAMES[where]
    text = frame.replace("{}", before + again * int(times) + behind)
    passed = journey.go(name, text.encode("latin-1" if where == "in Latin-1" else "utf-8"))
    assert passed.broken == []
    assert passed.seconds < SECONDS


def test_the_fuzzer_finds_its_way_and_breaks_nothing(tmp_path: Path) -> None:
    fuzzer = Fuzzer("a test", tmp_path)
    for data in fuzzer.pool[::40]:
        fuzzer.one("a.md", data, traced=True)
    known, tried = len(fuzzer.coverage.seen), fuzzer.tried
    for _ in range(80):
        fuzzer.one(fuzzer.mutator.name(), fuzzer.mutator.file())
    assert fuzzer.found == {}
    assert fuzzer.tried == tried + 80
    assert fuzzer.articles > 30
    assert len(fuzzer.coverage.seen) > known
    learned = [file.read_bytes() for file in (tmp_path / "corpus").iterdir()]
    assert learned
    another = Fuzzer("another", tmp_path)
    assert set(learned) <= set(another.pool)
    fuzzer.journey.close()
    another.journey.close()


def test_the_checker_sees_what_is_active() -> None:
    for html in (
        "<script>x</script>", "<p onclick=x>", "<a href='javascript:x'>y</a>", "<p>a</div>b", "<!-- x -->",
        "<img src='data:image/svg+xml;base64,AA'>", "<template></template>", "<body onload=x>", "<iframe></iframe>",
        "<p style='position:fixed'>x</p>", "<a href='https://a@b.example/'>x</a>", "<a href='//b.example/'>x</a>",
        "<textarea>", "<p id=x>y</p>", "<svg></svg>", "<math></math>",
    ):  # fmt: skip
        assert active(html) != [], html
    for html in (
        "<p>x</p>",
        '<a href="https://a.example/?b=c#d">x</a>',
        '<p style="text-align:center">x</p>',
        "a &lt;script&gt; b",
    ):
        assert active(html) == [], html
    assert illegal("a\x0bb\ufffe") == ["U+000B", "U+FFFE"]
    assert markup_in("javascript:x") != []
