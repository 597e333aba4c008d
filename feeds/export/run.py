"""One export: what there is ─ what is there already ─▶ files that are new or changed, then those that are gone.

snapshot of the store ─▶ contents ─▶ Section: Output … ─┐
                          manifest, files on the disk ──┴─▶ render ─▶ compress, write ─▶ rename ─▶ remove
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

from flask import Flask
from flask.ctx import RequestContext

from aggregator.config import Config
from aggregator.errors import ExportError, ExportStoppedError
from aggregator.store import Store
from aggregator.store.snapshot import snapshot

from ..i18n import init_languages
from ..pages import set_up_templates
from ..site import Site
from .contents import KEPT, Contents, Output, Section, digest
from .files import PUBLIC_FOLDER, Folder
from .manifest import Manifest, Record, opened
from .media import Media
from .program import program
from .writer import Writer

COMMITTED_AFTER = 500  # files; so many at most are made again after a crash

Progress = Callable[[int, int], None]  # done, to do
Stopped = Callable[[], bool]


@dataclass(slots=True)
class Report:
    """What an export did, in files (compressed forms not counted). `notices` are for the operator."""

    written: int = 0
    removed: int = 0
    total: int = 0
    notices: list[str] = field(default_factory=list)


def export(
    config: Config,
    store: Store,
    target: Path,
    now: datetime,
    *,
    pages: bool = True,
    force: bool = False,
    progress: Progress = lambda done, total: None,  # noqa: ARG005 (nobody looks)
    stopped: Stopped = lambda: False,
) -> Report:
    """Bring a folder of static files to what the store publishes under `site.url`.

    Without `pages`, only feeds are written, and the media files that they show. `force`: write into a folder that
    holds other files. `stopped` is asked now and then.

    Raises ExportError when the folder cannot be used or written to, ExportStoppedError when it was stopped, and
    StoreError. Whatever was written by then is whole, and the next export goes on from there.
    """
    folder = _open_folder(config, target, force=force)
    with opened(folder.root) as manifest, snapshot(store) as library, _request(config):
        if manifest.fact("unfinished"):
            folder.sweep()
            folder.exact = True
        manifest.note("unfinished", "yes")
        moment = int(now.timestamp())
        contents = Contents(library, config, Site(library, config, static=True), moment)
        made_by = digest(program(), config.site, config.feeds, config.sources, pages, contents.pathless_sources)
        if manifest.fact("made by") != made_by:
            manifest.forget_bases()
            manifest.note("made by", made_by)
        with closing(_Run(folder, manifest, Media(config, folder, manifest), stopped)) as run:
            run.write(contents.sections(pages=pages), progress)
            run.remove(moment - KEPT)
        manifest.note("unfinished", "")
        run.report.total = manifest.count()
        return run.report


def _request(config: Config) -> RequestContext:
    """Pages are made for a request, in the site's language where that asks for none."""
    return _app(config.site.language).test_request_context()


class _Run:
    """One pass over all sections."""

    def __init__(self, folder: Folder, manifest: Manifest, media: Media, stopped: Stopped) -> None:
        self.report = Report()
        self._folder = folder
        self._manifest = manifest
        self._media = media
        self._stopped = stopped
        self._writer = Writer(folder, manifest)

    def close(self) -> None:
        """Keep what was written, whether all of it was or not."""
        self._writer.close()
        self._manifest.stop()

    def write(self, sections: list[Section], progress: Progress) -> None:
        """See to it that all files are there, and find out which should not be."""
        total, done = sum(section.weight for section in sections), 0
        self._media.refresh()
        for section in sections:
            known = self._manifest.outputs(section.name)
            is_whole = all(self._folder.is_whole(path, record) for path, record in known.items())
            if not is_whole or self._manifest.basis(section.name) != section.basis:
                for number in self._write(section, known):
                    progress(done + min(number, section.weight), total)
            done += section.weight
            progress(done, total)
        self._manifest.retain([self._media.SECTION, *(section.name for section in sections)])
        self._media.retain()

    def remove(self, since: int) -> None:
        """Remove what nothing has led to since a time."""
        expired = self._manifest.expired(since)
        for path, record in expired:
            self._folder.remove(path, record)
        self._manifest.forget(path for path, _ in expired)
        self.report.removed = len(expired)
        self.report.written = self._writer.written + self._media.written
        self.report.notices += [*self._writer.notices, *self._media.notices()]

    def _write(self, section: Section, known: dict[str, Record]) -> Iterator[int]:
        """Yields how many of its files have been looked at."""
        self._manifest.begin(section.name)
        gone = set(known)
        for number, output in enumerate(section.outputs(known), 1):
            if self._stopped():
                raise ExportStoppedError("the export was stopped; the next one goes on from there")
            if self._see_to(section, output, known.get(output.path)):
                gone.discard(output.path)
            if number % COMMITTED_AFTER == 0:
                self._writer.finish()
                self._manifest.commit()
            yield number
        self._writer.finish()
        self._manifest.finish(section.name, section.basis, gone)

    def _see_to(self, section: Section, output: Output, record: Record | None) -> bool:
        """See to it that a file is there; False when nothing is to be in it."""
        if record is not None and not self._folder.is_whole(output.path, record):
            record = None
        if record is not None and record.basis == output.basis:
            if record.since != output.since:
                self._manifest.put(section.name, output.path, record._replace(since=output.since))
            return True
        made = output.make()
        if made is None:
            return False
        shown = self._media.provide(made.body) if section.shows_media else ()
        wanted = Record(output.basis, made.etag(), len(made.body), {}, shown, output.since)
        if record is not None and record.digest == wanted.digest:
            self._manifest.put(
                section.name, output.path, wanted._replace(variants=record.variants, second=record.second)
            )
        else:
            self._writer.begin(section.name, output.path, wanted, made)
        return True


@cache
def _app(language: str) -> Flask:
    """An app that makes pages in a language, and knows no addresses. Its templates are compiled once."""
    app = Flask("feeds", static_folder=None)
    set_up_templates(app)
    init_languages(app, language, "/")
    return app


def _open_folder(config: Config, target: Path, *, force: bool) -> Folder:
    root = target.resolve()
    for source in config.sources:
        if root.is_relative_to(source.folder.resolve()):
            raise ExportError(
                f"{target} is in the folder of the source {source.title!r}, where every file may be taken for an "
                "article; name a folder elsewhere"
            )
    try:
        if not root.is_dir():
            root.mkdir(parents=True)
            root.chmod(PUBLIC_FOLDER)
        folder = Folder(root)
        foreign = [] if force else list(folder.foreign())
    except OSError as error:
        raise ExportError(f"{target} cannot be used: {error.strerror or error}; name another folder") from error
    if foreign:
        raise ExportError(
            f"{target} holds other files, such as {foreign[0]}; name an empty folder, or export with --force: "
            "files that have a name of the site are replaced then, and all others stay"
        )
    return folder
