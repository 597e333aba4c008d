"""A site to be exported: sources, categories, a custom feed, former addresses, pictures beside articles."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from flask.testing import FlaskClient

from aggregator.catalog import sync
from aggregator.config import Config
from feeds import create_app
from feeds.export import Report, export
from tests.support import BODY, Place, article

URL = "https://somebody.example/repo"
CONFIG = """
site: {title: Quiet Reading, url: "%s", language: en}
feeds:
  limit: 3
  custom: [{slug: stars, title: Stars, include: star, aliases: [astronomy]}]
sources:
  - {title: Harbour Light, path: articles, match: {author: Harbour}, aliases: [harbor], link: "https://harbour.example/"}
  - {title: 晨读, path: articles, match: {author: 晨读}, exclude: [private/]}
"""
PICTURE = b"RIFF a picture"


def write_note(place: Place, number: int, author: str = "Harbour", **fields: str) -> None:
    """An article with a picture beside it; a higher number is a later one."""
    names = {"categories": "[News, Ports & Ships]" if number % 2 else "[新闻, 早]"} | fields
    text = f'<p><img src="pictures/{number % 3}.webp" alt=""> About a star, note {number}.</p>{BODY}'
    date = f"2026-01-{1 + number // 20:02} {number % 20:02}:00:00+00:00"
    place.write(f"articles/{author}-{number}.md", article(f"Note {number}", text, date, author=author, **names))


@dataclass
class ExportSite:
    """A place with its export. `live` answers as the service does."""

    place: Place

    @classmethod
    def filled(cls, root: Path, **options: str) -> "ExportSite":
        """A new one, with articles. Not exported yet."""
        site = cls(Place(root, **options))
        site.place.configure(CONFIG % URL)
        for number in range(3):
            site.place.write(f"articles/pictures/{number}.webp", PICTURE + bytes([number]))
        for number in range(1, 17):
            write_note(site.place, number)
        for number in range(1, 5):
            write_note(site.place, number, "晨读")
        site.follow()
        return site

    @property
    def folder(self) -> Path:
        return self.place.root / "public"

    def follow(self) -> None:
        """Let the store follow config and files."""
        sync(self.place.store, self.place.config, lambda: self.place.now)
        self.place.scan()

    def add(self, *numbers: int) -> None:
        """New articles."""
        self.place.later(minutes=1)
        for number in numbers:
            write_note(self.place, number)
        self.place.scan()

    def edit(self, number: int) -> None:
        """A new version of an article."""
        self.place.later(minutes=1)
        write_note(self.place, number, subtitle="edited", summary=f"An edit at {self.place.now}")
        self.place.scan()

    def withdraw(self, number: int) -> None:
        self.place.later(minutes=1)
        write_note(self.place, number, draft="true")
        self.place.scan()

    def export(self, **options: bool) -> Report:
        return export(self.config, self.place.store, self.folder, self.place.now, **options)

    @property
    def config(self) -> Config:
        return self.place.config

    def live(self) -> FlaskClient:
        return create_app(self.config, self.place.store).test_client()

    def files(self, suffix: str = "") -> dict[str, Path]:
        """What is in the folder, by path, but for what is nobody's to see."""
        found = {file.relative_to(self.folder).as_posix(): file for file in self.folder.rglob("*") if file.is_file()}
        return {
            path: file for path, file in sorted(found.items()) if path.endswith(suffix) and not path.startswith(".")
        }

    def feeds(self) -> dict[str, Path]:
        return {path: file for suffix in (".rss", ".atom", ".json") for path, file in self.files(suffix).items()}

    def marks(self) -> dict[str, tuple[int, int]]:
        """What a web server makes an ETag of, for each file, and which file it is."""
        return {path: (file.stat().st_ino, file.stat().st_mtime_ns) for path, file in self.files().items()}


def address(path: str) -> str:
    """What is asked of the live service for a file of the export."""
    return f"/{quote(path)}"


def walk(client: FlaskClient, path: str, link: str) -> Iterator[str]:
    """The paths of a feed and its older pages, as the live service links them."""
    prefix = link.encode()
    while path:
        yield path
        body = client.get(path).data
        _, found, rest = body.partition(prefix)
        path = rest.partition(b'"')[0].decode().removeprefix(URL) if found else ""
