"""Everything that can go wrong around the service: it tells what, publishes what there is, and recovers by itself."""

import os
import resource
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from torture.disks import can_mount, cover, disk, mount, uncover
from torture.patient import DEAF, MEEK, SOURCES, Patient, Ward, fake_clock
from torture.report import Report
from torture.running import handles

LIMITS = 600, 900
JUMPS = "+1y", "-1d", "+0", "-3h", "+20y", "-400d", "+5h", "+3y", "-1h"  # of the clock, from the right time
NEVER = ("articles lost", "duplicates", "false alarms to subscribers", "answers that failed")
STANDARD = 3  # files that any process has open: input, output, errors
SPARE = 5  # files about, that a scan opens and closes again
RAISE = "raise the limit of open files"


def run(short: bool, report: Report) -> None:
    """One fault after the other, at one running service, and what needs another one."""
    for name in NEVER:
        report.figure(name, 0, most=0)
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        root = Path(folder)
        through = MEEK if os.geteuid() == 0 else ()
        with disk(root / "sick/var"), _ward(root / "sick", report, through) as ward, _subscribed(ward):
            _all(ward)
        if can_mount():
            _refuses_to_start(root / "sick", report)
        else:
            report.say(
                "left out: a full disk, a store on a disk that cannot be written; they need the right to mount"
            )
        if fake_clock() and _can_be_deaf():
            with _deaf_ward(root / "deaf", report) as ward, _subscribed(ward):
                _clock_jumps(ward, JUMPS[:3] if short else JUMPS)
        else:
            report.say("left out: clock jumps, inotify; they need libfaketime and user namespaces")


def _all(ward: Ward) -> None:
    full = (_full_disk,) if can_mount() else ()
    of_folders = _vanished, _mounted_over, _no_rights
    of_files = _no_room_in_files, _too_many_files, _few_files_left
    of_store = _store_without_rights, _locked_store, _deleted_store, _other_store
    for fault in (*full, *of_folders, *of_files, *of_store):
        _do(fault.__name__.strip("_").replace("_", " "), fault, ward)


def _do(name: str, fault: Callable[[Ward], None], ward: Ward) -> None:
    """One fault; after it, all is as it should be."""
    fault(ward)
    title = ward.drop()
    took = ward.wait(f"recovery from {name}", lambda: ward.has(title))
    ward.wait(f"a clean status after {name}", lambda: not ward.told())
    ward.look_at_all()
    ward.report.figure("faults injected", 1)
    ward.report.worst("slowest recovery", took, "s")


def _tells(ward: Ward, what: str, *words: str) -> None:
    """The status says what is wrong, and what to do, wherever one looks; what there is goes on being served."""
    ward.wait(f"a status that tells of {what}", lambda: all(word in ward.told() for word in words))
    for place, told in (("page", ward.page()), ("command", ward.printed())):
        if missing := [word for word in words if word not in told]:
            ward.report.breaks(f"the status {place} tells of {what}", f"{missing} is not in {told[:2000]!r}")
    if (code := ward.get("/readyz")[0]) != 200:
        ward.report.breaks(f"it is ready although there is {what}", f"/readyz answers {code}")


def _full_disk(ward: Ward) -> None:
    filler = ward.root / "var/filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    ward.drop()
    _tells(ward, "a full disk", "MB left", "make room", "full")
    filler.unlink()


def _no_room_in_files(ward: Ward) -> None:
    """Files cannot grow: what a disk with errors, or a quota, looks like."""
    with _limited(ward, resource.RLIMIT_FSIZE, 20_000):
        ward.drop()
        _tells(ward, "files that cannot grow", "could not be kept", "disk")


def _too_many_files(ward: Ward) -> None:
    """No file can be opened, whichever is closed meanwhile: those that the limit has room for are always open."""
    with _limited(ward, resource.RLIMIT_NOFILE, STANDARD):
        ward.drop()
        _tells(ward, "too many open files", RAISE)


def _few_files_left(ward: Ward) -> None:
    """Some files can be opened. Which cannot is chance: the article comes, or it is told what to do, or both in turn."""
    now = handles(ward.process)
    for most in range(now - SPARE, now + SPARE):
        with _limited(ward, resource.RLIMIT_NOFILE, most):
            ward.wait(
                f"an article or a remedy, with {most} files at most", partial(_comes_or_tells, ward, ward.drop())
            )


def _comes_or_tells(ward: Ward, title: str) -> bool:
    if (told := ward.told()) and RAISE not in told:
        ward.report.breaks("what is told of few files left is right", told)
    return bool(told) or ward.has(title)


def _vanished(ward: Ward) -> None:
    (ward.root / "river").rename(ward.root / "elsewhere")
    _tells(ward, "a folder that is gone", "there is no such folder")
    time.sleep(2.5)  # several scans
    (ward.root / "elsewhere").rename(ward.root / "river")


def _mounted_over(ward: Ward) -> None:
    """Something else is where the folder was: nothing in it. What `on_delete: remove` takes comes back unchanged."""
    folders = ("river", "board")
    titles = [ward.drop(folder) for folder in folders]
    ward.wait("two new articles", lambda: set(titles) <= set(ward.titles()))
    kept = set(ward.titles("/sources/river.json"))
    for folder in folders:
        cover(ward.root / folder)
    ward.wait("a removal as the config asks", lambda: titles[1] not in ward.titles())
    if set(ward.titles("/sources/river.json")) != kept:
        ward.report.breaks("a vanished file is not a withdrawn article", "an empty folder took articles away")
    for folder in folders:
        uncover(ward.root / folder)
    ward.wait("the return of what is there again", lambda: titles[1] in ward.titles())


def _no_rights(ward: Ward) -> None:
    """A folder, one inside it, and a file may not be read."""
    river = ward.root / "river"
    (river / "inner").mkdir(exist_ok=True)
    title = ward.drop("river/inner")
    ward.wait("an article in an inner folder", lambda: title in ward.titles())
    for place in (river, river / "inner"):
        place.chmod(0)
        _tells(ward, "a folder without rights", "the right to list it")
        place.chmod(0o755)
    file = ward.patient.root / "river/secret.md"
    ward.patient.write("river/secret.md", "---\ntitle: Secret\n---\nNothing.\n")
    file.chmod(0)
    _tells(ward, "a file without rights", "the right to read it")
    file.unlink()


def _store_without_rights(ward: Ward) -> None:
    """The rights on the store are taken away. Files that are open may still be written, but after a restart?"""
    ward.store.chmod(0o444)
    _tells(ward, "a store without rights", "cannot be written", "the right to write")
    ward.store.chmod(0o644)


def _locked_store(ward: Ward) -> None:
    connection = sqlite3.connect(ward.store, isolation_level=None, timeout=10)
    connection.execute("BEGIN EXCLUSIVE")
    title = ward.drop()
    _tells(ward, "a lock", "database is locked", "end the program that holds the store")
    if title in ward.titles() or not ward.titles():
        ward.report.breaks("feeds go on while the database is locked", f"{ward.titles()}")
    connection.rollback()
    connection.close()
    ward.wait("what waited for the lock", lambda: title in ward.titles())


def _deleted_store(ward: Ward) -> None:
    """What somebody deletes by mistake is written back, with the articles whose files are gone."""
    title = ward.drop("board")
    ward.wait("one more article", lambda: title in ward.titles())
    ward.store.unlink()
    ward.wait("the return of the store", ward.store.exists)
    ward.wait("word of it in the log", lambda: "was written back whole" in ward.patient.log)


def _other_store(ward: Ward) -> None:
    """Somebody moves a backup to the place of the store. What was filed after it has its file still."""
    backup = ward.root / "var/moved.backup"
    ward.patient.command("backup", str(backup))
    title = ward.drop()
    ward.wait("one more article", lambda: title in ward.titles())
    backup.replace(ward.store)
    ward.wait("word of it in the log", lambda: "another store was put in the place" in ward.patient.log)
    ward.wait("what the backup did not have", lambda: title in ward.titles())


def _refuses_to_start(root: Path, report: Report) -> None:
    """A store on a disk that cannot be written: a command says so and ends."""
    store = root / "var"
    mount("--bind", str(store), str(store))
    mount("-o", "remount,ro,bind", str(store))
    try:
        done = subprocess.run(Patient(root, SOURCES)._words("ingest"), cwd=root, capture_output=True, text=True)
    finally:
        uncover(store)
    if done.returncode != 1 or "cannot be opened" not in done.stderr or "Traceback" in done.stderr:
        report.breaks("a read-only store is told at the start", f"{done.returncode} {done.stderr[-500:]}")
    report.figure("faults injected", 1)


def _clock_jumps(ward: Ward, jumps: Sequence[str]) -> None:
    """Without file events, so that the schedule alone is what goes on."""
    for jump in jumps:
        (ward.root / "clock").write_text(jump)
        time.sleep(0.5)
        news = partial(_is_news, ward, ward.drop())
        took = ward.wait(f"the schedule, and news in the feed, after the clock jumped to {jump}", news)
        _tells(ward, f"a clock that jumped to {jump}", "this machine's clock", "(NTP)")
        ward.report.worst("slowest recovery", took, "s")
        ward.report.figure("faults injected", 1)
    ward.look_at_all()
    complaints = ward.patient.log.count("file events are not available")
    if complaints != 1:
        ward.report.breaks("inotify that is exhausted is logged, and once", f"{complaints} times")


def _is_news(ward: Ward, title: str) -> bool:
    """Whether pollers who read the first page only see an article."""
    return title in ward.titles()


@contextmanager
def _ward(root: Path, report: Report, through: tuple[str, ...]) -> Iterator[Ward]:
    """A service that runs, with a subscriber."""
    patient = Patient(root, SOURCES, workers=1)
    patient.through = through
    with _visited(Ward(patient, report)) as ward, patient.running("run") as ward.process:
        yield ward


@contextmanager
def _deaf_ward(root: Path, report: Report) -> Iterator[Ward]:
    """A watcher without file events and with a clock of its own, and a server with neither fault."""
    watcher = Patient(root, SOURCES, workers=1)
    watcher.through = DEAF
    watcher.environment = {
        "LD_PRELOAD": fake_clock(), "FAKETIME_TIMESTAMP_FILE": str(root / "clock"), "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip
    (root / "clock").write_text("+0")
    server = Patient(root, port=watcher.port)
    with (
        _visited(Ward(server, report)) as ward,
        watcher.running("watch") as ward.process,
        server.running("serve"),
    ):
        yield ward


@contextmanager
def _visited(ward: Ward) -> Iterator[Ward]:
    """A ward with its first articles; what its subscriber met is reported when the service has ended."""
    for _ in range(5):
        ward.drop()
    ward.drop("board")
    yield ward
    report, subscriber = ward.report, ward.subscriber
    report.figure("answers", subscriber.answers)
    report.figure("answers that failed", len(subscriber.failures))
    for failure in subscriber.failures[:3]:
        report.say(failure)


@contextmanager
def _subscribed(ward: Ward) -> Iterator[None]:
    """A subscriber polls, from the first articles on."""
    ward.wait("the first articles", lambda: len(ward.all_titles()) == len(ward.dropped))
    ward.subscriber.start()
    yield
    ward.subscriber.end()


@contextmanager
def _limited(ward: Ward, limit: int, value: int) -> Iterator[None]:
    """A limit of the main process, for a time."""
    before = resource.prlimit(ward.process, limit)
    resource.prlimit(ward.process, limit, (value, before[1]))
    try:
        yield
    finally:
        resource.prlimit(ward.process, limit, before)


def _can_be_deaf() -> bool:
    return subprocess.run([*DEAF, "true"], capture_output=True).returncode == 0
