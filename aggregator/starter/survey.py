"""A look at a folder of articles: a bounded sample of their front matter, and what that tells."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from ..config.sources import ARTICLE_FILES
from ..models import DateKind, Entry
from ..normalizer import is_draft
from ..normalizer.dates import parse_date
from ..normalizer.fields import given_in, texts
from ..normalizer.text import readable
from ..routing import names_in
from ..sources import DiskFolder, FileStat, media_type, parse_entry

SAMPLE = 2000  # files that are read
STRANGERS = 20  # files of each unusual ending that are read, to see whether they are articles
MAX_SIZE = 5 * 2**20  # bytes, as in the default of a source's `max_size`

_USUAL = frozenset(pattern.removeprefix("*") for pattern in ARTICLE_FILES)
# They can begin like front matter, and are settings or data.
_NEVER = frozenset({"", ".json", ".yaml", ".yml", ".toml", ".xml", ".csv", ".js", ".css"})


@dataclass(slots=True)
class Survey:
    """What a sample of a folder tells.

    `files` is how many files there are with an article's ending, `read` how many of these were looked at, `articles`
    how many of these have front matter and are no drafts, which are counted in `drafts`. `titles` are by author, ""
    for those who name none. `publishers` counts articles whose author is the name of a folder or category they are in
    too, so a publisher rather than a person. `categories` are the names of all categories. `zoneless` counts dates
    without a zone. `endings` are those of articles that a source does not take by default.
    """

    folder: Path
    files: int = 0
    read: int = 0
    articles: int = 0
    drafts: int = 0
    titles: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    publishers: int = 0
    categories: set[str] = field(default_factory=set)
    zoneless: int = 0
    endings: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether every file was looked at."""
        return self.read == self.files

    @property
    def others(self) -> int:
        """How many of the files that were read are no articles."""
        return self.read - self.articles - self.drafts

    @property
    def authors(self) -> list[tuple[str, int]]:
        """Each author with the number of articles, the busiest first."""
        counts = Counter({author: len(titles) for author, titles in self.titles.items() if author})
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def survey(folder: Path, without: Collection[Path] = ()) -> Survey:
    """Look at a folder, but not at what is below `without`. Raises SourceError when it cannot be listed."""
    disk = DiskFolder(folder)
    left_out = tuple(f"{other.relative_to(folder).as_posix()}/" for other in without)
    files = [file for file in disk.files().files if not file.path.startswith(left_out)]
    endings = _unusual_endings(disk, files)
    ours = [file for file in files if _ending(file) in _USUAL or _ending(file) in endings]
    found = Survey(folder, len(ours), endings=endings)
    for file in _spread(ours, SAMPLE):
        found.read += 1
        if entry := _entry(disk, file):
            _count(found, entry)
    return found


def _ending(file: FileStat) -> str:
    return PurePosixPath(file.path).suffix


def _unusual_endings(disk: DiskFolder, files: Sequence[FileStat]) -> tuple[str, ...]:
    """The endings of files that have a title in their front matter, but that no source takes unless it is told to."""
    by_ending: dict[str, list[FileStat]] = defaultdict(list)
    for file in files:
        by_ending[_ending(file)].append(file)
    strangers = (ending for ending in sorted(by_ending.keys() - _USUAL) if ending.lower() not in _NEVER)
    texts_at_best = (ending for ending in strangers if media_type(f"x{ending}") is None)
    return tuple(ending for ending in texts_at_best if any(_titled(disk, by_ending[ending])))


def _titled(disk: DiskFolder, files: Sequence[FileStat]) -> Iterator[bool]:
    for file in _spread(files, STRANGERS):
        entry = _entry(disk, file)
        yield entry is not None and "title" in entry.fields and not entry.problems


def _spread(files: Sequence[FileStat], limit: int) -> list[FileStat]:
    """At most `limit` of the files, from all parts of the folder alike."""
    step = max(len(files) / limit, 1)
    return [files[int(index * step)] for index in range(min(len(files), limit))]


def _entry(disk: DiskFolder, file: FileStat) -> Entry | None:
    data = disk.read(file, MAX_SIZE)
    if not isinstance(data, bytes):
        return None
    entry = parse_entry(file.path, data, datetime(1970, 1, 1, tzinfo=UTC))
    return entry if isinstance(entry, Entry) else None


def _count(found: Survey, entry: Entry) -> None:
    if is_draft(entry):
        found.drafts += 1
        return
    author = next(iter(names_in(entry.fields.get("author", ""))), "")
    title = readable(next(texts(entry.fields.get("title", "")), ""))
    found.articles += 1
    found.titles[author].append(title or PurePosixPath(entry.path).stem)
    categories = names_in(entry.fields.get("categories", ""))
    found.categories.update(categories)
    found.publishers += author != "" and author in {*categories, *PurePosixPath(entry.path).parts[:-1]}
    found.zoneless += _is_zoneless(entry)


def _is_zoneless(entry: Entry) -> bool:
    written = (text for _, value in given_in(entry.fields).get("date", ()) for text in texts(value))
    moment = next((found for text in written if (found := parse_date(text, UTC))), None)
    return moment is not None and moment[1] is DateKind.NAIVE
