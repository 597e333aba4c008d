"""What is kept about folders: their files, runs and problems. Scans read and write it; `status` shows it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ..models import FileRow, Outcome, Seen
from .bulk import plain_rows
from .engine import writing
from .file_rows import file_row, files_of, some_files
from .rows import by_path
from .schema import articles, files, folders, notices, problems, runs, scopes, state
from .times import from_us, to_us

RUNS_KEPT = 500  # per folder

_ENTER = sa.text(
    "INSERT INTO folders (path, failures, error) VALUES (:path, :failures, :error) ON CONFLICT DO NOTHING"
)

_MISSED = "%:null%"  # in `media`


@dataclass(frozen=True, slots=True)
class FolderState:
    """How a folder's scans go. `error` is why the last one failed, "" after a good one; `planned` is when it is
    scanned next, None when nothing watches it."""

    path: str
    scanned: datetime | None
    failures: int
    error: str
    planned: datetime | None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that operators should know, and that is no article file's fault."""

    place: str
    message: str
    since: datetime


@dataclass(frozen=True, slots=True)
class FiledProblem:
    """A problem with where it is. `source` is a slug, "" where the file could not be assigned."""

    folder: str
    path: str
    source: str
    field: str
    line: int | None
    message: str
    since: datetime


class Ledger:
    """The store's books on the input side."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def folder(self, path: str, error: str = "") -> int:
        """The number of a folder, entered at first sight; `error` is why it is not waited for then."""
        query = sa.select(folders.c.id).where(folders.c.path == path)
        with self._engine.begin() as connection:
            number = connection.execute(query).scalar()
        if number is None:
            with writing(self._engine).begin() as connection:
                # Another process may enter it at this moment.
                row = {"path": path, "failures": int(bool(error)), "error": error}
                connection.execute(_ENTER, row)
                number = connection.execute(query).scalar_one()
        return int(number)

    def numbers(self) -> dict[str, int]:
        """The numbers of all folders that were ever entered, by path."""
        with self._engine.begin() as connection:
            return {row.path: row.id for row in connection.execute(sa.select(folders.c.path, folders.c.id))}

    def was_scanned(self, folder: int) -> bool:
        """Whether there was ever a whole scan of a folder."""
        query = sa.select(folders.c.scanned).where(folders.c.id == folder)
        with self._engine.begin() as connection:
            return connection.execute(query).scalar() is not None

    def last_scan(self, path: str) -> datetime | None:
        """When a folder was last scanned as a whole, None for never."""
        with self._engine.begin() as connection:
            return _moment(connection.execute(sa.select(folders.c.scanned).where(folders.c.path == path)).scalar())

    def expect(self, names: Iterable[str], *, running: bool = False) -> None:
        """Enter the folders that will be scanned: until each was, or failed, the store counts as not ready.

        A folder that was entered before and never scanned, and is no longer asked for, is not waited for; neither is
        one that comes to a service that is `running`, which answers all the while.
        """
        wanted = set(names)
        for name in sorted(wanted):
            self.folder(name, "its first scan is under way" if running else "")
        dropped = folders.update().where(folders.c.scanned.is_(None), folders.c.path.not_in(wanted))
        with writing(self._engine).begin() as connection:
            connection.execute(dropped.values(failures=1, error="no source of the config watches this folder now"))

    def files(self, folder: int) -> dict[str, FileRow]:
        """Every file ever seen in a folder, by path."""
        with self._engine.begin() as connection:
            return {row[0]: file_row(*row) for row in connection.execute(files_of(folder))}

    def seen(self, folder: int, recipe: str) -> dict[str, Seen]:
        """The same in short, for a scan by the rules of `recipe` (see Router.recipe)."""
        whole = sa.and_(
            sa.func.substr(files.c.recipe, 1, len(recipe)) == recipe,
            files.c.missing == 0,
            sa.type_coerce(files.c.media, sa.Text).not_like(_MISSED),
        )
        unmatched = files.c.outcome == Outcome.UNMATCHED.value
        query = sa.select(
            files.c.path,
            files.c.signature,
            sa.case((whole, 1), else_=0),
            files.c.source,
            files.c.seq,
            sa.case((unmatched, 1), else_=0),
            files.c.missing,
        ).where(files.c.folder == folder)
        with self._engine.begin() as connection:
            return {row[0]: row for row in plain_rows(connection, query)}

    def files_at(self, folder: int, paths: Iterable[str]) -> dict[str, FileRow]:
        """The files that were seen at these places of a folder, by path."""
        with self._engine.begin() as connection:
            return some_files(connection, folder, files.c.path, paths)

    def files_with(self, folder: int, articles: Iterable[int]) -> dict[str, FileRow]:
        """The files of a folder that were last seen with these articles (numbers), by path."""
        with self._engine.begin() as connection:
            return some_files(connection, folder, files.c.seq, articles)

    def missed_media(self, folder: int) -> dict[str, Mapping[str, int | None]]:
        """The media files that articles named and missed, or had, by the path of each file that missed one."""
        query = sa.select(files.c.path, files.c.media).where(
            files.c.folder == folder, sa.type_coerce(files.c.media, sa.Text).like(_MISSED)
        )
        with self._engine.begin() as connection:
            return {row.path: row.media for row in connection.execute(query)}

    def slugs(self, numbers: Collection[int] | None = None) -> dict[int, str]:
        """The slugs of sources by number: of all, or of these, which are few."""
        query = sa.select(scopes.c.id, scopes.c.path).where(scopes.c.kind == "source")
        if numbers is not None:
            query = query.where(scopes.c.id.in_(sorted(numbers)))
        with self._engine.begin() as connection:
            return {row.id: row.path.removeprefix("sources/") for row in connection.execute(query)}

    def record_run(
        self, folder: int, started: datetime, finished: datetime, counts: Mapping[str, Any], error: str = ""
    ) -> None:
        """Enter a scan that ended, well (`error` is "") or not, and drop the folder's oldest runs."""
        good = {"scanned": to_us(finished), "failures": 0, "error": ""}
        bad = {"failures": folders.c.failures + 1, "error": error}
        oldest = (
            sa.select(runs.c.started)
            .where(runs.c.folder == folder)
            .order_by(runs.c.started.desc())
            .offset(RUNS_KEPT)
            .limit(1)
            .scalar_subquery()
        )
        with writing(self._engine).begin() as connection:
            connection.execute(
                runs.insert().values(
                    folder=folder, started=to_us(started), finished=to_us(finished), counts=dict(counts), error=error
                )
            )
            connection.execute(runs.delete().where(runs.c.folder == folder, runs.c.started <= oldest))
            connection.execute(folders.update().where(folders.c.id == folder).values(**(bad if error else good)))
            if not error:
                _open_sources(connection, folder, to_us(finished))

    def open_sources(self, folder: int, time: datetime) -> None:
        """The first import of the sources in a folder is over, as it is after a whole scan."""
        with writing(self._engine).begin() as connection:
            _open_sources(connection, folder, to_us(time))

    def folders(self) -> list[FolderState]:
        """Every folder that was scanned, by path."""
        with self._engine.begin() as connection:
            return by_path(
                FolderState(row.path, _moment(row.scanned), row.failures, row.error, _moment(row.planned))
                for row in connection.execute(sa.select(folders))
            )

    def plan(self, times: Mapping[str, datetime | None]) -> None:
        """Keep when folders are scanned next, by path; None where nothing watches the folder any more."""
        statement = (
            folders.update()
            .where(folders.c.path == sa.bindparam("b_path"))
            .values(planned=sa.bindparam("b_planned", type_=sa.BigInteger))
        )
        rows = [{"b_path": path, "b_planned": None if when is None else to_us(when)} for path, when in times.items()]
        if rows:
            with writing(self._engine).begin() as connection:
                connection.execute(statement, rows)

    def notify(self, place: str, messages: Sequence[str], now: datetime) -> None:
        """Keep what operators should know of one place, such as a config file, in place of what was kept of it.

        A message that was there before keeps its time.
        """
        known = sa.select(notices.c.message, notices.c.since).where(notices.c.place == place)
        with writing(self._engine).begin() as connection:
            since = {row.message: row.since for row in connection.execute(known)}
            if list(since) == list(messages):
                return
            connection.execute(notices.delete().where(notices.c.place == place))
            rows = [
                {"place": place, "message": text, "since": since.get(text, to_us(now))}
                for text in dict.fromkeys(messages)
            ]
            if rows:
                connection.execute(notices.insert(), rows)

    def notices(self) -> list[Notice]:
        """What operators should know, place by place."""
        query = sa.select(notices).order_by(notices.c.place, notices.c.id)
        with self._engine.begin() as connection:
            return [Notice(row.place, row.message, from_us(row.since)) for row in connection.execute(query)]

    def problems(self) -> list[FiledProblem]:
        """Every open problem, by folder and file."""
        query = sa.select(problems, folders.c.path.label("folder_path")).join(folders)
        with self._engine.begin() as connection:
            ordered = query.order_by("folder_path", problems.c.path, problems.c.id)
            return [filed_problem(row) for row in connection.execute(ordered)]

    def problem_paths(self, folder: int) -> set[str]:
        """The files of a folder that have open problems."""
        query = sa.select(problems.c.path).where(problems.c.folder == folder)
        with self._engine.begin() as connection:
            return set(connection.execute(query).scalars())

    def problem_counts(self, folder: int | None = None) -> dict[str, int]:
        """Open problems by source slug: of a folder, or of all that are watched (of all, where none is)."""
        query = sa.select(problems.c.source, sa.func.count().label("number")).group_by(problems.c.source)
        if folder is None:
            watched = sa.select(folders.c.id).where(folders.c.planned.is_not(None))
            query = query.where(sa.or_(problems.c.folder.in_(watched), sa.not_(watched.exists())))
        else:
            query = query.where(problems.c.folder == folder)
        with self._engine.begin() as connection:
            return {row.source: row.number for row in connection.execute(query)}


def _open_sources(connection: Connection, folder: int, time: int) -> None:
    """A scan ends the first import of the sources that have files in its folder; not of those that another scan is
    still importing.

    Who writes to scopes waits for its turn (see store.turn), or two who change the same ones would wait for each
    other.
    """
    filled = sa.exists().where(articles.c.source == scopes.c.id)
    fresh = sa.select(scopes.c.id).where(scopes.c.kind == "source", scopes.c.opened.is_(None), filled)
    numbers = connection.execute(fresh).scalars().all()
    if numbers:
        connection.execute(sa.select(state.c.id).with_for_update())
        here = sa.select(files.c.source).where(files.c.folder == folder)
        which = (scopes.c.id.in_(numbers), scopes.c.id.in_(here))
        connection.execute(scopes.update().where(*which).values(opened=time))


def filed_problem(row: sa.Row[Any]) -> FiledProblem:
    """A row of `problems`, with its folder's path as `folder_path`, as a value."""
    return FiledProblem(row.folder_path, row.path, row.source, row.field, row.line, row.message, from_us(row.since))


def _moment(value: int | None) -> datetime | None:
    return None if value is None else from_us(value)
