"""A scan of the files that events name leads to what a whole scan leads to, whatever happens in the folder."""

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.store import engine
from tests.ingest.twins import Twins
from tests.support import Place, article

CONFIG = """
site: {url: "http://feeds.example"}
feeds: {custom: [{slug: river, title: River, include: river}]}
sources:
  - {title: Alpha, path: articles, match: {author: alpha}, on_delete: remove}
  - {title: Rest, path: articles, exclude: [skip/], split_by: author}
"""

SUBJECTS = (
    "The river passes the mill",
    "Bread rises in the kitchen",
    "A ferry leaves the quay at dawn",
    "Members only",
)
DATES = (None, "Sat, 05 Feb 2022 20:22:00 GMT", "Mon, 07 Feb 2022 08:00:00 GMT", "2022-02-09 10:00")
FOLDERS = ("one/", "two/", "two/deep/", "skip/", ".hidden/", "")
NAMES = ("1.md", "2.md", "3.md", "note.md", "mill.png", "draft.md.tmp", "other.txt")


def body(subject: int, edits: int, words: int) -> str:
    sentences = [f"{SUBJECTS[subject]} with word{number} of many." for number in range(words)]
    for edit in range(min(edits, words)):
        sentences[edit] = f"Edited number {edit + 100 * edits} so that it reads otherwise."
    return "<p>" + " ".join(sentences) + "</p>"


class Crawl:
    """Does by chance what crawlers, editors and people do in a folder."""

    def __init__(self, twins: Twins, chance: random.Random) -> None:
        self.twins, self.chance = twins, chance
        self.acts: list[tuple[int, Callable[[], None]]] = [
            (8, self.write),
            (3, self.edit),
            (3, self.move),
            (2, self.copy),
            (2, self.remove),
            (2, self.swap),
            (2, self.begin),
            (1, self.move_folder),
            (1, self.touch),
            (1, self.spoil),
            (1, self.name),
        ]

    def step(self) -> None:
        weights = [weight for weight, _ in self.acts]
        for _, act in self.chance.choices(self.acts, weights, k=self.chance.randint(0, 4)):
            act()
        if self.chance.random() < 0.15:
            self.twins.scan_all()
        else:
            self.twins.look()
        self.twins.place.later(seconds=self.chance.choice((0.3, 2, 4000, 100_000)))

    def path(self) -> str:
        return self.chance.choice(FOLDERS) + self.chance.choice(NAMES)

    def file(self) -> str:
        """One that is there, if any is."""
        folder = self.twins.folder
        files = sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
        return self.chance.choice(files) if files else self.path()

    def text(self) -> str:
        chance = self.chance
        subject = chance.randrange(len(SUBJECTS))
        content = body(subject, chance.choice((0, 0, 0, 1, 3, 9)), chance.choice((2, 12)))
        if chance.random() < 0.3:
            content += f'<p><img src="{chance.choice(("mill.png", "../one/mill.png"))}"></p>'
        fields = {"author": chance.choice(("alpha", "beta", "gamma"))}
        if chance.random() < 0.2:
            fields["guid"] = f"id-{chance.randrange(3)}"
        if chance.random() < 0.2:
            fields["link"] = f"https://source.example/{chance.randrange(3)}"
        if chance.random() < 0.1:
            fields["draft"] = "true"
        if chance.random() < 0.2:
            fields["categories"] = chance.choice(("[news]", "[news, local]", "life"))
        title = SUBJECTS[subject] if chance.random() < 0.7 else chance.choice(("Digest", "News of the day"))
        return article(title, content, chance.choice(DATES), **fields)

    def write(self) -> None:
        path = self.path()
        if path.endswith("mill.png"):
            self.twins.write(path, bytes(self.chance.choice((10, 20))))
        else:
            self.twins.write(path, self.text(), age=self.chance.choice((0, 60, 4000)))

    def edit(self) -> None:
        path = self.file()
        target = self.twins.folder / path
        if target.is_file():
            self.twins.write(path, target.read_bytes().replace(b"many", b"more", self.chance.randint(1, 30)))

    def touch(self) -> None:
        path = self.file()
        target = self.twins.folder / path
        if target.is_file():
            self.twins.write(path, target.read_bytes(), age=self.chance.uniform(1, 100))

    def move(self) -> None:
        self.twins.move(self.file(), self.path())

    def move_folder(self) -> None:
        self.twins.move(
            self.chance.choice(("one", "two", "two/deep")), self.chance.choice(("one", "three", "skip/more"))
        )

    def copy(self) -> None:
        source, path = self.twins.folder / self.file(), self.path()
        if source.is_file():
            self.twins.write(path, source.read_bytes())

    def swap(self) -> None:
        """Two files exchange their texts, as those of a crawler do that numbers them."""
        one, two = self.file(), self.file()
        texts = [(self.twins.folder / name) for name in (one, two)]
        if one != two and all(text.is_file() for text in texts):
            first, second = (text.read_bytes() for text in texts)
            self.twins.write(one, second)
            self.twins.write(two, first)

    def remove(self) -> None:
        self.twins.remove(self.file() if self.chance.random() < 0.8 else self.chance.choice(("one", "two")))

    def begin(self) -> None:
        """A file that is being written."""
        text = self.text()
        self.twins.write(self.path(), text[: self.chance.randrange(len(text))], age=0)

    def spoil(self) -> None:
        self.twins.write(self.path(), self.chance.choice(("---\ntitle: [\n---\n", "", b"\x00\xff", "plain text")))

    def name(self) -> None:
        """An event about nothing that is there."""
        self.twins.touched.add(self.chance.choice((self.path(), "gone", "one/gone/gone.md", ".git/index")))


@pytest.fixture(scope="module", autouse=True)
def _commits_do_not_wait_for_the_disk() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "PRAGMAS", (*engine.PRAGMAS, "synchronous=OFF"))
        yield


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that holds nothing, to be copied."""
    place = Place(tmp_path_factory.mktemp("empty"), CONFIG)
    place.store.close()
    return place.root / "var/aggregator.db"


@settings(max_examples=settings.default.max_examples // 6)  # each takes as long as many others
@given(seed=st.integers(0, 2**32))
def test_events_lead_to_what_whole_scans_lead_to(empty: Path, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "var").mkdir()
        for name in ("aggregator.db", "whole.db"):
            shutil.copy(empty, root / "var" / name)
        twins = Twins(Place(root, CONFIG), f"sqlite:///{root}/var/whole.db")
        twins.scan_all()
        crawl = Crawl(twins, random.Random(seed))
        for _ in range(12):
            crawl.step()
        twins.close()


def test_events_lead_to_the_same_on_postgresql(postgres_twins: Twins) -> None:
    crawl = Crawl(postgres_twins, random.Random(1))
    postgres_twins.scan_all()
    for _ in range(20):
        crawl.step()
    assert postgres_twins.looks > 2 * postgres_twins.walks > 0


@pytest.fixture
def postgres_twins(tmp_path: Path, database: str) -> Iterator[Twins]:
    """What events keep up to date is on PostgreSQL."""
    twins = Twins(Place(tmp_path, CONFIG, store_url=database), f"sqlite:///{tmp_path}/whole.db")
    yield twins
    twins.close()
