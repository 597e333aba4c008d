"""What the next export does: it touches what changed, keeps what somebody may be reading, removes what went."""

import os
import resource
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote, unquote

import feedparser
import pytest

from aggregator.models import Filed
from feeds.export import ExportError, ExportStoppedError, export
from feeds.export import manifest as manifest_module
from feeds.export.layout import MANIFEST, TEMPORARY
from feeds.export.manifest import Manifest
from feeds.export.writer import Writer
from tests.export.export_site import CONFIG, PICTURE, URL, ExportSite, address, write_note
from tests.support import Place, article


def changed(before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]) -> set[str]:
    """The files that are new or not the same, without their compressed forms."""
    return {path for path, mark in after.items() if before.get(path) != mark and not path.endswith((".gz", ".br"))}


def filed(site: ExportSite, title: str) -> Filed:
    return next(one for one in site.place.feed("sources/harbour-light") if one.article.title == title)


def assert_live(site: ExportSite) -> None:
    """Every feed of the export is what the service answers now."""
    live = site.live()
    for path, file in site.feeds().items():
        if not path.startswith(("sources/harbor.", "feeds/astronomy.")):
            assert file.read_bytes() == live.get(address(path)).data, path


def test_nothing_new_touches_nothing(fresh: ExportSite) -> None:
    first = fresh.export()
    before = fresh.marks()
    second = fresh.export()
    assert fresh.marks() == before
    assert (second.written, second.removed, second.total) == (0, 0, first.written)


def test_a_new_article_touches_what_shows_it(site: ExportSite) -> None:
    site.export()
    before = site.marks()
    site.add(17)
    report = site.export()
    new = filed(site, "Note 17")
    met = changed(before, site.marks())
    assert report.written == len(met)
    assert f"articles/{new.id}.html" in met
    assert f"articles/{filed(site, 'Note 16').id}.html" in met  # it shows the one after it
    assert len([path for path in met if path.startswith("articles/")]) == 2
    for scope in ("latest", "sources/harbour-light", "categories/News", "categories/News/Ports & Ships"):
        assert {f"{scope}.atom", f"{scope}.html"} <= met
    for path in ("sources/晨读.atom", "categories/新闻.json", "static/style.css", "404.html", "feeds.opml"):
        assert path not in met
    assert not [path for path in met if path.startswith("media/")]
    assert {"index.html", "sitemap-1.xml"} <= met
    older = [path for path in met if path.startswith("older/") and path.endswith("/latest.atom")]
    assert 0 < len(older) <= 3
    assert_live(site)


def test_an_edit_touches_the_pages_that_show_the_article(site: ExportSite) -> None:
    site.export()
    before = site.marks()
    site.edit(3)
    site.export()
    met = changed(before, site.marks())
    assert len([path for path in met if path.startswith("older/") and path.endswith("/latest.atom")]) == 1
    assert f"articles/{filed(site, 'Note 3').id}.html" in met
    assert_live(site)


def test_a_new_name_of_a_source_reaches_all_its_pages(site: ExportSite) -> None:
    site.export()
    site.place.configure((CONFIG % URL).replace("title: Harbour Light", "title: Harbour Lamp, slug: harbour-light"))
    site.place.later(minutes=1)
    site.follow()
    site.export()
    for path, file in site.files(".html").items():
        assert "Harbour Light" not in file.read_text(), path
    assert_live(site)


def test_the_same_article_of_another_source_is_shown_when_it_comes(site: ExportSite) -> None:
    site.export()
    page = site.folder / f"articles/{filed(site, 'Note 16').id}.html"
    site.place.later(minutes=1)
    site.place.write(
        "articles/twin.md", article("Note 16", "<p>Short.</p>", "2026-01-02 10:00:00+00:00", author="晨读")
    )
    site.place.scan()
    twin = next(one for one in site.place.feed("sources/晨读") if one.article.title == "Note 16")
    site.export()
    assert twin.id in page.read_text()
    site.place.write(
        "articles/twin.md", article("Other", "<p>Short.</p>", "2026-01-02 10:00:00+00:00", author="晨读")
    )
    site.place.later(minutes=1)
    site.place.scan()
    site.export()
    assert twin.id not in page.read_text()


def test_a_withdrawn_article_is_nowhere(site: ExportSite) -> None:
    site.export()
    victim = filed(site, "Note 12").id
    site.add(17)
    site.export()
    site.withdraw(12)
    report = site.export()
    assert report.removed > 0
    assert not [path for path in site.files() if victim in path]
    for path, file in site.files().items():
        assert victim.encode() not in file.read_bytes(), path
    assert_live(site)


def test_who_is_in_the_midst_of_a_walk_goes_on(site: ExportSite) -> None:
    """Pages that nothing leads to any more stay for a day, with all that they lead to."""
    begun = next_of((site.folder / "latest.atom").read_bytes())
    for step in range(1, 4):
        site.add(16 + step)
        site.export()
    held = walked(site, begun)
    assert len(held) > 5
    for path in held:
        assert (site.folder / path).read_bytes() == site.live().get(address(path)).data
    left = set(older(site)) - set(walked(site, "latest.atom"))
    assert left  # nothing that begins now leads there
    site.place.later(hours=23)
    site.export()
    assert left < set(older(site))
    site.place.later(hours=2)
    site.export()
    assert set(older(site)) == set(walked(site, "latest.atom")[1:])
    assert_live(site)


def older(site: ExportSite) -> list[str]:
    return [path for path in site.files("/latest.atom") if path.startswith("older/")]


def walked(site: ExportSite, path: str) -> list[str]:
    """The files that a walk meets from one on."""
    met = []
    while path:
        met.append(path)
        path = next_of((site.folder / path).read_bytes())
    return met


def next_of(document: bytes) -> str:
    """The path of the file that a feed's `next` leads to."""
    links = feedparser.parse(document).feed.links
    return next((link.href.removeprefix(f"{URL}/") for link in links if link.rel == "next"), "")


@pytest.mark.parametrize("damage", ["missing", "missing variant", "cut", "all"])
def test_what_was_tampered_with_is_mended(site: ExportSite, damage: str) -> None:
    site.export()
    before = {path: file.read_bytes() for path, file in site.files().items()}
    if damage == "all":
        for file in site.files().values():
            file.unlink()
    elif damage == "cut":
        (site.folder / "latest.atom").unlink()
        (site.folder / "latest.atom").write_bytes(b"<feed")
    else:
        (site.folder / f"latest.atom{'.br' if 'variant' in damage else ''}").unlink()
    site.export()
    assert {path: file.read_bytes() for path, file in site.files().items()} == before


def test_other_files_stay(site: ExportSite) -> None:
    site.export()
    foreign = [site.folder / "CNAME", site.folder / "articles/mine.html", site.folder / "own/page.html"]
    for file in foreign:
        file.parent.mkdir(exist_ok=True)
        file.write_text("mine")
    site.withdraw(5)
    site.export()
    assert [file.read_text() for file in foreign] == ["mine"] * 3


def test_a_folder_with_other_files_is_not_written_to(fresh: ExportSite) -> None:
    fresh.folder.mkdir()
    (fresh.folder / "index.html").write_text("mine")
    with pytest.raises(ExportError, match=r"holds other files, such as index\.html; .*--force"):
        fresh.export()
    assert os.listdir(fresh.folder) == ["index.html"]
    fresh.export(force=True)
    assert "Quiet Reading" in (fresh.folder / "index.html").read_text()


def test_hidden_files_do_not_count_as_others(fresh: ExportSite) -> None:
    (fresh.folder / ".git").mkdir(parents=True)
    fresh.export()
    assert (fresh.folder / "index.html").exists()


def test_a_folder_that_is_watched_is_not_written_to(site: ExportSite) -> None:
    for name in ("articles", "articles/public"):
        with pytest.raises(ExportError, match="is in the folder of the source 'Harbour Light'"):
            export(site.config, site.place.store, site.place.root / name, site.place.now)


def test_a_name_that_no_file_can_have_is_told_and_the_rest_goes_on(site: ExportSite) -> None:
    emoji = "🌫" * 64  # 256 bytes
    write_note(site.place, 17, categories=f"['{emoji}']")
    site.place.scan()
    report = site.export()
    assert any("longer than 255 bytes" in notice and emoji in notice for notice in report.notices)
    assert (site.folder / f"articles/{filed(site, 'Note 17').id}.html").exists()
    assert site.export().total == report.total


def test_another_process_is_not_disturbed(site: ExportSite, monkeypatch: pytest.MonkeyPatch) -> None:
    site.export()
    monkeypatch.setattr(manifest_module, "WAIT", 0)
    other = Manifest(site.folder)
    with pytest.raises(ExportError, match="another process is exporting"):
        site.export()
    other.close()
    site.export()


def test_a_list_of_files_that_cannot_be_read_is_told(site: ExportSite) -> None:
    site.export()
    (site.folder / MANIFEST).write_bytes(b"not a database, whoever wrote it" * 100)
    with pytest.raises(ExportError, match="--force"):
        site.export()


@contextmanager
def no_room() -> Iterator[None]:
    """No file of this process can grow."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_without_room_is_told_and_the_next_export_goes_on(site: ExportSite) -> None:
    site.export()
    before = site.marks()
    site.add(17)
    with no_room(), pytest.raises(ExportError, match=r"cannot be written: .*; what was written before is whole"):
        site.export()
    assert site.marks() == before
    site.export()
    assert_live(site)


class Stop:
    """Says stop when it was asked so often."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


@pytest.mark.parametrize("first", [True, False])
def test_whenever_it_ends_no_feed_leads_to_what_is_not_there(site: ExportSite, first: bool) -> None:
    if first:
        shutil.rmtree(site.folder)
    else:
        site.add(17, 18)
        site.withdraw(9)
    for number in range(3, 2000, 197 if first else 97):
        try:
            export(site.config, site.place.store, site.folder, site.place.now, stopped=Stop(number))
        except ExportStoppedError:
            assert_complete(site)
        else:
            break
    assert_complete(site)
    assert_live(site)


def assert_complete(site: ExportSite) -> None:
    for path, file in site.files(".atom").items():
        parsed = feedparser.parse(file.read_bytes())
        assert not parsed.bozo, path
        for where in [next_of(file.read_bytes())] + [f"articles/{entry.id[9:]}.html" for entry in parsed.entries]:
            assert not where or (site.folder / unquote(where)).is_file(), f"{path}: {where}"


def test_what_a_crash_left_is_swept(fresh: ExportSite) -> None:
    with pytest.raises(ExportStoppedError):
        export(fresh.config, fresh.place.store, fresh.folder, fresh.place.now, stopped=Stop(20))
    left = [fresh.folder / f"{TEMPORARY}7", fresh.folder / "articles" / f"{TEMPORARY}8"]
    for file in left:
        file.write_bytes(b"half a pa")
    fresh.export()
    assert not any(file.exists() for file in left)


def bodies(site: ExportSite) -> dict[str, bytes]:
    """Every file of the site."""
    return {path: file.read_bytes() for path, file in site.files("").items()}


def export_and_die(site: ExportSite) -> None:
    """An export whose process ends when it has put a section's files in place, and before it has noted that."""
    child = os.fork()
    if child == 0:
        finish = Writer.finish

        def finish_and_die(writer: Writer) -> None:
            finish(writer)
            if writer.written:
                os._exit(9)

        Writer.finish = finish_and_die  # type: ignore[method-assign]
        site.export()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def test_what_was_killed_and_then_taken_back_leaves_nothing(site: ExportSite) -> None:
    """An edit of the config, say, whose files are as large as those before it."""
    site.export()
    before = bodies(site)
    site.place.configure(CONFIG.replace("Quiet Reading", "Ruiet Qeading") % URL)
    export_and_die(site)
    after = bodies(site)
    changed = {path for path, body in after.items() if body != before[path]}
    assert any(
        all(len(after[path]) == len(before[path]) for path in changed if path.startswith(one)) for one in changed
    )
    site.place.configure(CONFIG % URL)
    site.export()
    assert bodies(site) == before


def test_a_list_of_the_version_before_is_understood(site: ExportSite) -> None:
    site.export()
    before = site.marks()
    with closing(sqlite3.connect(site.folder / MANIFEST)) as connection:
        connection.execute("ALTER TABLE output DROP COLUMN second")
        connection.execute("PRAGMA user_version=1")
    report = site.export()
    assert (report.written, site.marks()) == (0, before)


def test_two_versions_never_have_one_second(site: ExportSite) -> None:
    """A web server's ETag is made of a file's second and size."""
    site.export()
    file = site.folder / "latest.atom"
    seconds = [int(file.stat().st_mtime)]
    for number in (17, 18, 19):
        site.add(number)
        site.export()
        seconds.append(int(file.stat().st_mtime))
    assert seconds == sorted(set(seconds))


def test_everybody_may_read_what_is_published(fresh: ExportSite) -> None:
    before = os.umask(0o077)
    try:
        fresh.export()
    finally:
        os.umask(before)
    for file in [fresh.folder, *fresh.folder.rglob("*")]:
        if not file.name.startswith(".aggregator"):
            assert file.stat().st_mode & 0o004, file


def media_file(site: ExportSite, name: str) -> Path:
    (found,) = [file for path, file in site.files(name).items() if path.startswith("media/")]
    return found


def test_pictures_come_along_and_stay(site: ExportSite) -> None:
    site.export()
    assert media_file(site, "0.webp").read_bytes() == PICTURE + b"\0"
    site.place.later(minutes=1)
    site.place.write("articles/pictures/0.webp", PICTURE + b"another")
    site.export()
    assert media_file(site, "0.webp").read_bytes() == PICTURE + b"another"
    (site.place.root / "articles/pictures/0.webp").unlink()
    site.export()
    assert media_file(site, "0.webp").read_bytes() == PICTURE + b"another"


def test_pictures_that_nothing_shows_go(site: ExportSite) -> None:
    site.place.write("articles/pictures/lone.webp", PICTURE)
    text = '<p><img src="pictures/lone.webp" alt=""> Alone.</p>'
    site.place.write("articles/lone.md", article("Lone", text, "2026-02-02 10:00:00+00:00", author="Harbour"))
    site.place.scan()
    site.export()
    assert media_file(site, "lone.webp").read_bytes() == PICTURE
    site.place.later(minutes=1)
    site.place.write(
        "articles/lone.md", article("Lone", text, "2026-02-02 10:00:00+00:00", author="Harbour", draft="true")
    )
    site.place.scan()
    site.export()
    assert not site.files("lone.webp")


def test_what_may_not_be_published_is_not_exported(site: ExportSite, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"secret")
    (tmp_path / "articles/pictures/link.png").symlink_to(secret)
    text = '<p><img src="pictures/link.png" alt=""><img src="pictures/2.webp" alt=""> Link.</p>'
    site.place.write("articles/link.md", article("Link", text, "2026-02-02 10:00:00+00:00", author="Harbour"))
    site.place.scan()
    site.export()
    assert not [path for path, file in site.files().items() if file.read_bytes() == b"secret"]
    assert site.files("/2.webp")
    withheld = (CONFIG % URL).replace('link: "https://harbour', 'exclude: ["2.webp"], link: "https://harbour')
    site.place.configure(withheld.replace("exclude: [private/]", 'exclude: ["2.webp"]'))
    site.export()
    assert not site.files("/2.webp")


def test_a_picture_that_is_missing_is_told(fresh: ExportSite) -> None:
    (fresh.place.root / "articles/pictures/1.webp").unlink()
    report = fresh.export()
    assert report.notices == ["1 media files that articles show are not in their folders, such as pictures/1.webp"]


def test_another_address_changes_the_links(site: ExportSite) -> None:
    site.export()
    site.place.configure(CONFIG % "https://elsewhere.example")
    site.export()
    for path, file in site.files().items():
        assert b"somebody.example" not in file.read_bytes(), path
    assert_live(site)


def test_names_in_addresses_are_decoded(site: ExportSite) -> None:
    site.export()
    assert (site.folder / "categories/News/Ports & Ships.atom").is_file()
    assert (site.folder / "categories/新闻/早.html").is_file()
    assert f"/repo/categories/{quote('新闻')}" in (site.folder / "index.html").read_text()


def test_going_on_with_feeds_alone_removes_the_pages(site: ExportSite) -> None:
    site.export()
    site.export(pages=False)
    assert not site.files(".html")
    assert_live(site)
    assert len(site.files(".webp")) == 3


def test_progress_ends_where_it_should(site: ExportSite) -> None:
    for _ in range(2):
        seen: list[tuple[int, int]] = []
        export(
            site.config,
            site.place.store,
            site.folder,
            site.place.now,
            progress=lambda done, total, seen=seen: seen.append((done, total)),
        )
        done = [number for number, _ in seen]
        assert done == sorted(done)
        assert seen[-1][0] == seen[-1][1]


def test_a_place_without_room_is_told(tmp_path: Path) -> None:
    place = Place(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="file/public cannot be used"):
        export(place.config, place.store, tmp_path / "file/public", place.now)
    place.store.close()
