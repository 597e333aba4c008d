"""A file as a scan of its folder meets it: listed, read, given to a source, understood. Nothing is filed."""

from dataclasses import dataclass, replace
from datetime import datetime

from ..config import Config
from ..errors import AggregatorError
from ..models import Entry, Problem
from ..normalizer import Options
from ..reading import SETTLE, Reader, Reading
from ..routing import Owner, Router
from ..sources import Beside, DiskFolder, FileStat, Listing, media_type, parse_entry
from ..sources.media import MAX_MEDIA, media_address
from ..store import FileRow, Outcome
from .place import Place, why_passed_over


@dataclass(frozen=True, slots=True)
class Met:
    """A file in the folder of the source that takes it, or in one that it lies in.

    `data` is empty where it could not be read; `entry` is what it holds, or why nothing does.
    """

    place: Place
    listing: Listing
    stat: FileStat
    data: bytes
    entry: Entry | Problem
    owner: Owner | None


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file that a scan of the folder does not count, and why."""

    place: Place
    why: str


def meet(config: Config, router: Router, place: Place) -> Met | PassedOver:
    """The file at a place. Raises SourceError when its folder cannot be listed, AggregatorError when it changes."""
    met = _listed(place)
    if isinstance(met, PassedOver):
        return met
    listing, stat = met
    data, entry = _read(config, router, place, stat)
    owner = router.owner(place.folder, stat.path, entry.fields if isinstance(entry, Entry) else {})
    if owner is not None and owner.config.folder != place.folder:
        # The source that takes it watches a folder further up, so that is where it is met.
        place = place.seen_from(owner.config.folder)
        met = _listed(place)
        if isinstance(met, PassedOver):
            return met
        listing, stat = met
    return Met(place, listing, stat, data, entry, owner)


def understand(router: Router, met: Met, old: FileRow | None, now: datetime) -> tuple[Reading, bool]:
    """What a scan makes of a file, and whether it would wait before that. Raises AggregatorError when it changes.

    `old` is how the file was last seen.
    """
    folder, stat = met.place.folder, met.stat
    recipe = router.recipe(folder)
    if not router.fits(folder, stat.path):
        return Reading(FileRow(stat.path, stat.signature, "", recipe, Outcome.UNMATCHED)), False
    reader = Reader(DiskFolder(folder), folder, router, recipe, router.shelf(folder, met.listing.files))
    anew = old and old._replace(digest="")  # so that it is read, whether it changed or not
    if reading := reader.read(stat, anew, now):
        return reading, False
    if reading := reader.read(stat, anew, now + SETTLE):
        return reading, True
    raise _changing(stat)


def why_no_article(router: Router, met: Met) -> str:
    """What becomes of a media file; "" for a file that is none, or that a source takes for an article."""
    folder, stat = met.place.folder, met.stat
    kind = media_type(stat.path)
    if kind is None or router.fits(folder, stat.path):
        return ""
    shelf = router.shelf(folder, [stat])
    if shelf.find(stat.path) is None:
        why = f"it is larger than {MAX_MEDIA >> 20} MiB" if shelf.too_large(stat.path) else "`exclude` leaves it out"
        return f"It is a media file ({kind}), no article, and is not published, since {why}."
    address = media_address(shelf.key, stat.path)
    return f"It is a media file ({kind}), no article: articles that refer to it by its place show it from {address}."


def options(router: Router, met: Met, owner: Owner, old: FileRow | None) -> Options:
    """How a scan normalizes the file."""
    shelf = router.shelf(met.place.folder, met.listing.files)
    beside = Beside(shelf, met.stat.path, old.media if old else {})
    return replace(router.options(owner), beside=beside.address)


def _listed(place: Place) -> tuple[Listing, FileStat] | PassedOver:
    listing = DiskFolder(place.folder).files()
    stat = next((found for found in listing.files if found.name == place.name), None)
    return PassedOver(place, why_passed_over(place, listing)) if stat is None else (listing, stat)


def _read(config: Config, router: Router, place: Place, stat: FileStat) -> tuple[bytes, Entry | Problem]:
    """The bytes of a file and what they hold.

    A file that no source takes is read all the same, to tell what a source would have to match.
    """
    limit = router.max_size(place.folder, stat.path) or config.defaults.max_size
    data = DiskFolder(place.folder).read(stat, limit)
    if isinstance(data, Problem):
        return b"", data
    if not isinstance(data, bytes):
        raise _changing(stat)
    return data, parse_entry(stat.path, data, stat.modified)


def _changing(stat: FileStat) -> AggregatorError:
    return AggregatorError(f"{stat.path} is being changed right now: try again")
