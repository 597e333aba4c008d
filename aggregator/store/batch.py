"""One writing transaction of ingest. Everything it changes is collected and written in bulk at its end."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..models import Article, Cursor, FileRow, Problem, Subject
from .bulk import delete_rows, insert_rows, insert_short_rows
from .facts import CHUNK, Facts
from .feeds import FeedKeeper, Feeds
from .file_rows import held_in, take_files
from .rows import Held, Known, SourceRow
from .schema import articles, dumps, files, problems
from .scopes import ScopeKeeper
from .search.schema import queue
from .times import to_us
from .turn import Turn


class _Texts(NamedTuple):
    """What an article's row holds besides Known. `trace`: see schema.articles."""

    summary: str = ""
    content: str = ""
    link: str | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    image: str | None = None
    language: str | None = None
    trace: str = ""


# How rows are put together from values: what the database takes as it is, then what is kept as JSON.
_KNOWN_PLAIN = tuple(name for name in Known._fields if name != "categories")
_TEXTS_PLAIN = tuple(name for name in _Texts._fields if name not in ("authors", "tags"))
_FILE_PLAIN = tuple(name for name in FileRow._fields if name not in ("categories", "media"))
_ARTICLE = (*_KNOWN_PLAIN, *_TEXTS_PLAIN, "categories", "authors", "tags", "changed")
_FILES = (*_FILE_PLAIN, "categories", "media", "folder")
_KNOWN, _TEXTS, _FILE = attrgetter(*_KNOWN_PLAIN), attrgetter(*_TEXTS_PLAIN), attrgetter(*_FILE_PLAIN)
_SEEN = attrgetter("source", "published", "updated", "categories", "content_hash")


def visible(item: Known) -> object:
    """What a subscriber can see of an article, to be compared; `content_hash` stands for its texts."""
    return _SEEN(item) if item.is_published else None


class Batch:
    """The changes of one transaction on one folder, or on none where no file is the reason.

    `time` (microseconds) is when these changes count as made. `facts` is what identity is decided by; it follows
    the changes made here. `feeds` are the custom feeds that articles are given to. `window`: see ScopeKeeper.
    """

    def __init__(
        self,
        connection: Connection,
        folder: int | None,
        now: int,
        feeds: Feeds | None = None,
        window: int | None = None,
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._turn = Turn(connection, now)
        self.time = self._turn.time
        self._feeds = feeds
        self.facts = Facts(connection)
        self._scopes = ScopeKeeper(connection, self.time, window, feeds.category_slugs if feeds else {})
        self._before: dict[int, Known | None] = {}
        self._texts: dict[int, _Texts] = {}
        self._edges: dict[tuple[int, int], Cursor | None] = {}
        self._files: dict[str, FileRow] = {}
        self._new_files: set[str] = set()
        self._problems: dict[str, list[dict[str, Any]]] = {}
        self._gone: set[str] = set()

    def source(self, slug: str, title: str, link: str, language: str, *, renames: bool) -> SourceRow:
        """A source, made or brought up to date; see ScopeKeeper.source."""
        return self._scopes.source(slug, title, link, language, renames=renames)

    def edge(self, source: int, count: int) -> Cursor | None:
        """The oldest of the newest `count` articles of a source, as this batch found them; None when it has fewer."""
        if (source, count) not in self._edges:
            self._edges[source, count] = self._scopes.edge(source, count)
        return self._edges[source, count]

    def texts(self, seq: int) -> Mapping[str, Any]:
        """An article's texts as this batch leaves them (see Facts.texts). A query: asked for only where two versions
        must be compared."""
        texts = self._texts.get(seq)
        return texts._asdict() if texts else self.facts.texts(seq)

    def shows(self, seq: int, article: Article) -> bool:
        """Whether an article's HTML and picture are just these. A query, as above."""
        texts = self.texts(seq)
        return (texts["content"], texts["image"]) == (article.content, article.image)

    def taken(self, source: int, key: str) -> bool:
        """Whether a key belongs to an article of this source."""
        self.facts.load("key", [key])
        return bool(self.facts.find("key", source, key))

    def add(self, article: Article, source: int, id: str, key: str, *, imported: bool) -> Known:  # noqa: A002
        """File a new article; one that is `imported` arrived when it was published, any other one now."""
        published = to_us(article.date)
        item = Known(
            seq=self._turn.number(),
            id=id,
            source=source,
            key=key,
            live=True,
            published=published,
            updated=max(published, to_us(article.revised)) if article.revised else published,
            arrived=min(published, self.time) if imported else self.time,
            date=published,
            date_kind=article.date_kind,
            title=article.title,
            title_hash=title_hash(article.title),
            content_hash=article.content_hash,
            body_hash=article.body_hash,
            categories=article.categories,
        )
        self._before[item.seq] = None
        self._texts[item.seq] = _texts(article)
        self.facts.put(item)
        return item

    def change(self, old: Known, **values: Any) -> Known:
        """Change what is decided about an article (source, key, dates, categories, whether it is live or held)."""
        item = old._replace(**values)
        if item != old:
            self._before.setdefault(old.seq, old)
            self.facts.put(item)
        return item

    def revise(self, old: Known, article: Article) -> Known:
        """Take a new version of an article's texts."""
        self._texts[old.seq] = _texts(article)
        self._before.setdefault(old.seq, old)
        return self.change(
            old,
            title=article.title,
            title_hash=title_hash(article.title),
            content_hash=article.content_hash,
            body_hash=article.body_hash,
            date=to_us(article.date),
            date_kind=article.date_kind,
        )

    def retire(self, old: Known, trace: str) -> Known:
        """Take an article out of everything, and its texts with it; `trace` is what they are known again by."""
        self._texts[old.seq] = _Texts(trace=trace)
        self._before.setdefault(old.seq, old)
        return self.change(old, held=Held.RETIRED)

    def keep_file(self, row: FileRow, *, new: bool = False) -> None:
        """Keep how a file was seen; `new` where none was ever seen at its place."""
        self._files[row.path] = row
        if new:
            self._new_files.add(row.path)

    def take_files(self, folder: int, places: Iterable[str]) -> Mapping[str, FileRow]:
        """Take what another folder (by number) keeps of the files at these places and their articles; by place."""
        return take_files(self._connection, folder, places)

    def held_in(self, folders: Sequence[int], seqs: Iterable[int]) -> set[int]:
        """Those of these articles that a file of another folder holds. One query."""
        return held_in(self._connection, folders, seqs)

    def keep_problems(self, path: str, source: str, found: Iterable[Problem]) -> None:
        """Keep the problems that a file has now; they replace those it had. `source` is a slug, or ""."""
        self._problems[path] = [
            {"source": source, "field": item.field, "line": item.line, "message": item.message} for item in found
        ]

    def drop_problems(self, paths: Iterable[str]) -> None:
        """Forget the problems of files that are gone."""
        self._gone.update(paths)

    def flush(self) -> bool:
        """Write everything; whether any feed looks different now."""
        if self._before:
            self._move_all()
            self._write_articles()
        changed = self._scopes.flush()
        self._write_files()
        self._write_problems()
        self._turn.end(changed=changed)
        return changed

    def _move_all(self) -> None:
        keeper = FeedKeeper(self._connection, self._feeds)
        published = (self.facts.by_seq[seq] for seq in self._before)
        self._scopes.foresee(item.categories for item in published if item.is_published)
        held = keeper.held(seq for seq, before in self._before.items() if before is not None)
        for seq, before in self._before.items():
            item = self.facts.by_seq[seq]
            old = new = held.get(seq, set())
            if not item.is_published:
                new = set()
            elif keeper.any:
                new = keeper.judge(self._subject(item)) | keeper.unknown(old)
            self._scopes.move(item, before, feeds=(old, new), looks_different=self._visible(seq))

    def _subject(self, item: Known) -> Subject:
        texts = self.texts(item.seq)
        source = self._scopes.publisher(item.source)
        return Subject(item.title, texts["content"], tuple(texts["authors"]), item.categories, source)

    def _visible(self, seq: int) -> bool:
        """Whether a subscriber could see what this batch did to an article."""
        before, item = self._before[seq], self.facts.by_seq[seq]
        rewritten = item.is_published and seq in self._texts
        return before is None or rewritten or visible(before) != visible(item)

    def _write_articles(self) -> None:
        self._settle_ids()
        new = [self._new_article(seq) for seq, before in self._before.items() if before is None]
        insert_rows(self._connection, articles, _ARTICLE, new)
        self._queue_for_search()
        old = [self._article_row(seq) for seq, before in self._before.items() if before is not None]
        # Rows with the same columns go in one statement.
        for names, rows in groupby(sorted(old, key=sorted), key=sorted):
            self._update([name for name in names if name != "seq"], list(rows))

    def _queue_for_search(self) -> None:
        """New articles; triggers see to those that change (see the migrations)."""
        new = (self.facts.by_seq[seq] for seq, before in self._before.items() if before is None)
        insert_short_rows(self._connection, queue, ("seq",), [(item.seq,) for item in new if item.is_published])

    def _settle_ids(self) -> None:
        """Give another id to a new article whose id is an older one's.

        That one was made of the same slug and key, and has another key now, or its source another slug.
        """
        items = (self.facts.by_seq[seq] for seq, before in self._before.items() if before is None)
        new = {item.id: item for item in items}
        for taken in self.facts.ids(new):
            other = uuid.uuid5(uuid.UUID(taken), str(new[taken].seq))
            self.facts.put(new[taken]._replace(id=str(other)))

    def _update(self, names: list[str], rows: list[dict[str, Any]]) -> None:
        statement = (
            articles.update()
            .where(articles.c.seq == sa.bindparam("b_seq"))
            .values({name: sa.bindparam(f"b_{name}") for name in names})
        )
        self._connection.execute(statement, [{f"b_{k}": v for k, v in row.items()} for row in rows])

    def _new_article(self, seq: int) -> tuple[Any, ...]:
        item, texts = self.facts.by_seq[seq], self._texts[seq]
        lists = (dumps(item.categories), dumps(texts.authors), dumps(texts.tags))
        return (*_KNOWN(item), *_TEXTS(texts), *lists, self.time)

    def _article_row(self, seq: int) -> dict[str, Any]:
        item = self.facts.by_seq[seq]
        texts = self._texts.get(seq)
        row = item._asdict() | (texts._asdict() if texts else {})
        return row | {"changed": self.time} if self._visible(seq) else row

    def _write_files(self) -> None:
        new = sorted(self._new_files)
        insert_rows(self._connection, files, _FILES, [self._file_row(path) for path in new])
        known = sorted(self._files.keys() - self._new_files)
        insert_rows(self._connection, files, _FILES, [self._file_row(path) for path in known], replacing=True)

    def _file_row(self, path: str) -> tuple[Any, ...]:
        row = self._files[path]
        return (*_FILE(row), dumps(row.categories), dumps(row.media) if row.media else "{}", self._folder)

    def _write_problems(self) -> None:
        since = self._since()
        self._forget_problems(sorted({*self._problems, *self._gone}))
        rows = [
            {"folder": self._folder, "path": path, "since": since.get((path, row["message"]), self.time), **row}
            for path, found in self._problems.items()
            for row in found
        ]
        if rows:
            self._connection.execute(problems.insert(), rows)

    def _since(self) -> dict[tuple[str, str], int]:
        """When the problems that these files had were first seen: one that stays is not new again."""
        if not any(self._problems.values()):
            return {}
        query = sa.select(problems.c.path, problems.c.message, problems.c.since).where(
            problems.c.folder == self._folder, problems.c.path.in_(list(self._problems))
        )
        return {(row.path, row.message): row.since for row in self._connection.execute(query)}

    def _forget_problems(self, paths: Sequence[str]) -> None:
        for start in range(0, len(paths), CHUNK):
            chunk = paths[start : start + CHUNK]
            delete_rows(self._connection, problems, ("folder", "path"), self._folder, chunk)


@lru_cache(2000)
def title_hash(title: str) -> str:
    """A short hash to find equal titles by."""
    return hashlib.sha256(title.encode()).hexdigest()[:16]


def _texts(article: Article) -> _Texts:
    return _Texts(
        article.summary,
        article.content,
        article.link,
        article.authors,
        article.tags,
        article.image,
        article.language,
    )
