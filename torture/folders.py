"""A folder that nobody would make: all that a file system can hold beside articles, and files that do not keep still.

The service must take in every article that lies there, say what it left out, and neither wait, nor follow anything out
of the folder, nor take memory for what it does not read.
"""

import json
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from threading import Event, Thread

from torture.report import Report
from torture.running import Service

DEPTH = 1000  # folders within one another
SPARSE = 2**30  # bytes
SECRET = "what lies outside"
MEMORY = 400  # MiB that a scan of all that may take

_NAMES = (
    b"bad\xff\xfe\xe9.md", b"line\nbreak.md", b"tab\tand\x01\x7f.md", b"..md", b"...md", b"-rf.md", b" .md", b"a\\b.md",
    b"'\"<b>&amp;.md", b"%00%2e%2e%2f.md", b"$(reboot).md", b"con.md", b"a" * 252 + b".md", "文".encode() * 84 + b".md",
    "\u202egnp.md".encode(), "e\u0301.md".encode(), "\u00e9.md".encode(), b"\xed\xa0\x80.md", b"{{7*7}}.md", b"*.md", b"[a-z].md",
)  # fmt: skip


def article(number: int, text: str = "") -> str:
    return (
        f"---\ntitle: Article {number}\ndate: 2022-02-05\n---\n<p>Text {number}, which is like no other. {text}</p>\n"
    )


def run(files: int, report: Report) -> None:
    """Scan such a folder with so many files in it twice, while some of them change all the time."""
    with tempfile.TemporaryDirectory() as name, socket.socket(socket.AF_UNIX) as bound:
        service = Service(Path(name), "feeds: {limit: 1000}\nsources: [{title: Source, path: articles}]\n")
        wanted = _fill(service, files)
        _put_others(service.root / "articles", bound)
        with (
            _deep(service.root / "articles"),
            _restless(service.root / "articles" / "restless", report.random("restless")),
        ):
            wanted.add("At the bottom")
            began = time.monotonic()
            service.ingest()
            report.figure("files in a hostile folder", files + len(_NAMES))
            report.worst("scan of a hostile folder", round(time.monotonic() - began, 1), "s")
            service.ingest()
        _judge(service, wanted, report)


def _fill(service: Service, files: int) -> set[str]:
    """Write articles with odd names, and many in one folder; the titles of all."""
    folder = service.root / "articles"
    (folder / "many").mkdir(parents=True)
    for number in range(files):
        (folder / "many" / f"{number}.md").write_text(article(number))
    for number, name in enumerate(_NAMES, files):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text(article(number))
    old = time.time() - 60
    for file in (*folder.iterdir(), *(folder / "many").iterdir()):
        os.utime(file, (old, old))
    hidden = sum(name.startswith(b".") for name in _NAMES)
    titles = {f"Article {number}" for number in range(files + len(_NAMES))}
    passed_over = {f"Article {files + number}" for number, name in enumerate(_NAMES) if name.startswith(b".")}
    assert hidden == len(passed_over)
    return titles - passed_over


def _put_others(folder: Path, bound: socket.socket) -> None:
    """Put there what is no article file. A socket must be bound where its path is short."""
    outside = folder.parent / "outside.md"
    outside.write_text(f"---\ntitle: {SECRET}\ndate: 2022-02-05\n---\n{SECRET}")
    os.mkfifo(folder / "fifo.md")
    here = Path.cwd()
    os.chdir(folder)
    bound.bind("socket.md")
    os.chdir(here)
    for name, target in (("zero", "/dev/zero"), ("tty", "/dev/tty"), ("out", str(outside)), ("up", "../outside.md"), ("loop", "loop.md"),
                         ("nowhere", "nowhere"), ("itself", "."), ("passwords", "/etc/passwd"), ("mem", "/proc/self/mem")):  # fmt: skip
        (folder / f"{name}.md").symlink_to(target)
    with (folder / "sparse.md").open("wb") as file:
        file.truncate(SPARSE)
    (folder / "empty.md").touch()
    (folder / "folder.md").mkdir()


@contextmanager
def _deep(folder: Path) -> Iterator[None]:
    """An article below so many folders that its path has to be walked."""
    here = Path.cwd()
    os.chdir(folder)
    for _ in range(DEPTH):
        Path("d").mkdir()
        os.chdir("d")
    Path("a.md").write_text(article(0).replace("Article 0", "At the bottom").replace("Text 0", "Deep down"))
    os.utime("a.md", (0, time.time() - 60))
    os.chdir(here)
    try:
        yield
    finally:
        os.chdir(folder)
        for _ in range(DEPTH):
            os.chdir("d")
        Path("a.md").unlink()
        for _ in range(DEPTH):
            os.chdir("..")
            Path("d").rmdir()
        os.chdir(here)


@contextmanager
def _restless(folder: Path, random: Random) -> Iterator[None]:
    """Files that grow, shrink, vanish, and become links, folders and FIFOs, for as long as this lasts."""
    folder.mkdir()
    secret = folder.parent.parent / "outside.md"
    over = Event()

    def disturb() -> None:
        while not over.is_set():
            file = folder / f"{random.randrange(20)}.md"
            try:
                random.choice(changes)(file)
            except OSError:
                continue

    def replaced(file: Path, make: object) -> None:
        file.rmdir() if file.is_dir() and not file.is_symlink() else file.unlink(missing_ok=True)
        make()  # type: ignore[operator]

    text = article(random.randrange(10**6), "again " * 2000)
    changes = (
        lambda file: _put(file, text, os.O_TRUNC),
        lambda file: _put(file, text[: random.randrange(len(text))], os.O_TRUNC),
        lambda file: _put(file, text, os.O_APPEND),
        lambda file: _put(file, "", os.O_TRUNC),
        lambda file: replaced(file, lambda: None),
        lambda file: replaced(file, file.mkdir),
        lambda file: replaced(file, lambda: os.mkfifo(file)),
        lambda file: replaced(file, lambda: file.symlink_to(secret)),
    )
    thread = Thread(target=disturb)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _put(file: Path, text: str, flags: int) -> None:
    """Write to a file as it is at this moment, but neither wait for a FIFO's reader nor follow a link."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | os.O_NOFOLLOW | flags)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _judge(service: Service, wanted: set[str], report: Report) -> None:
    report.worst("memory of a scan of it", round(service.peak / 2**20), "MiB", most=MEMORY)
    service.command("export", "--only", "feeds", str(service.root / "public"))
    titles: set[str] = set()
    for file in (service.root / "public").rglob("*.json"):
        feed = json.loads(file.read_text())
        titles |= {item["title"] for item in feed.get("items", ())}
        if SECRET in file.read_text():
            report.breaks("nothing outside is read", f"{file.name} has it")
    report.figure("articles of it that are missing", len(wanted - titles), most=0)
    if missing := sorted(wanted - titles):
        report.breaks("every article is taken", f"{missing[:5]}")
    problems = service.command("status", "--json")
    if "1,073,741,824 bytes" not in problems:
        report.breaks("what is left out is told", f"nothing of sparse.md in the status: {problems[-2000:]}")
    for line in service.log.splitlines():
        if "Traceback" in line or "our fault" in line:
            report.breaks("nothing fails", f"{line}\n{service.log[-3000:]}")
            break
