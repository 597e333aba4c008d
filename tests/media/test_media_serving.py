"""`/media/<key>/<path>` over HTTP: what is published, what is not, and how caches and players are served."""

import os
import socket
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from aggregator.config import load_config
from aggregator.sources import MAX_MEDIA, media_key
from feeds.media import STREAMS, lifetime, media_routes
from feeds.urls import absolute_media

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WRITTEN = NOW - timedelta(hours=5)
BYTES = bytes(range(256)) * 1000
CONFIG = """
sources:
  - {title: One, path: articles, exclude: [private/, "*-raw.png"]}
  - {title: Off, path: off, enabled: false, exclude: [private/]}
  - {title: Off too, path: off, enabled: false}
"""


class Site:
    """The folders of a config, and a client of what is published from them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "config.yaml").write_text(CONFIG)
        app = Flask(__name__)
        app.url_map.merge_slashes = False  # as create_app has it
        app.register_blueprint(media_routes(load_config(root / "config.yaml", {}), lambda: NOW))
        self.client: FlaskClient = app.test_client()
        self.write("articles/a.png")

    def write(self, path: str, data: bytes = BYTES) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        os.utime(file, (WRITTEN.timestamp(), WRITTEN.timestamp()))
        return file

    def get(self, path: str, folder: str = "articles", method: str = "GET", **headers: str) -> TestResponse:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        place = f"/media/{media_key(folder)}/{quote(path, safe='/%')}"
        return self.client.open(place, method=method, headers=names, buffered=True)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture(autouse=True)
def _nothing_stays_open(site: Site) -> Iterator[None]:
    before = len(os.listdir("/proc/self/fd"))
    yield
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_picture_with_all_its_headers(site: Site) -> None:
    response = site.get("a.png")
    assert (response.status_code, response.data) == (200, BYTES)
    status = (site.root / "articles/a.png").stat()
    expected = {
        "Content-Type": "image/png",
        "Content-Length": f"{len(BYTES)}",
        "ETag": f'"{status.st_size:x}-{status.st_mtime_ns:x}-{status.st_ino:x}"',
        "Last-Modified": "Fri, 20 Nov 2026 07:00:00 GMT",
        "Cache-Control": f"public, max-age={5 * 3600}",
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    assert dict(response.headers) == expected
    head = site.get("a.png", method="HEAD")
    assert (head.status_code, head.data, dict(head.headers)) == (200, b"", expected)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("a.JPG", "image/jpeg"), ("a.webp", "image/webp"), ("a.mp3", "audio/mpeg"), ("a.pdf", "application/pdf")],
)
def test_the_type_is_told_by_the_name(site: Site, name: str, media_type: str) -> None:
    site.write(f"articles/x/{name}")
    assert site.get(f"x/{name}").headers["Content-Type"] == media_type


@pytest.mark.parametrize(
    "name", ["湖 光.png", "a+b&c=d.png", "100%.png", "a#b?c.png", "x/y z/a;b.png", "caf\u0065\u0301.png"]
)
def test_any_name_can_be_asked_for(site: Site, name: str) -> None:
    site.write(f"articles/{name}")
    assert site.get(quote(name)).status_code == 200


def test_svg_runs_nothing(site: Site) -> None:
    site.write("articles/a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    response = site.get("a.svg")
    assert response.headers["Content-Type"].startswith("image/svg+xml")
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert policy.endswith("sandbox")
    assert "script" not in policy


def test_a_disabled_source_still_serves(site: Site) -> None:
    site.write("off/a.png")
    assert site.get("a.png", "off").status_code == 200


def test_what_every_source_of_a_folder_excludes_is_not_published(site: Site) -> None:
    for path in ("articles/private/a.png", "articles/a-raw.png", "off/private/a.png"):
        site.write(path)
    assert site.get("private/a.png").status_code == 404
    assert site.get("a-raw.png").status_code == 404
    assert site.get("private/a.png", "off").status_code == 200


HOSTILE = [
    *("", ".", "..", "../a.png", "x/../a.png", "./a.png", "/a.png", "//a.png", "a.png/", "a.png/.", "a.png/x.png"),
    *("%2e%2e/%2e%2e/etc/a.png", "..%2f..%2fetc%2fa.png", "..%5c..%5ca.png", "%2fetc%2fa.png", "x//a.png"),
    *(
        "a.png%00",
        "a%00.png",
        "%00",
        "a.png%0a",
        "%ff%fe.png",
        "%ed%a0%80.png",
        "a" * 300 + ".png",
        "x/" * 3000 + "a.png",
    ),
    *("a.md", "../config.yaml", "x", "folder.png", "none.png", "A.PNG", ".hidden.png", ".git/a.png", "x/.y/a.png"),
    *("node_modules/a.png", "a.png~", "a.png.tmp", ".#a.png", "~$a.png", "~/a.png", "a.png;x", "a.png?"),
]


@pytest.mark.parametrize("path", HOSTILE)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_hostile_paths_are_not_there(site: Site, path: str, method: str) -> None:
    for name in (".hidden.png", ".git/a.png", "x/.y/a.png", "node_modules/a.png", "a.md", "a.png.tmp", ".#a.png"):
        site.write(f"articles/{name}")
    (site.root / "articles/folder.png").mkdir()
    response = site.get(path, method=method)
    assert response.status_code == 404 or (response.status_code == 200 and path == "a.png?")


@pytest.mark.parametrize("key", ["000000000000", "articles", "..", "%2e%2e", "", "%00", "x" * 5000])
def test_unknown_folders_are_not_there(site: Site, key: str) -> None:
    assert site.client.get(f"/media/{key}/a.png").status_code == 404


def test_links_do_not_lead_out_nor_rename_what_is_no_picture(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = site.root / "articles"
    site.write("outside/secret.png")
    site.write("articles/.env", b"PASSWORD=x")
    site.write("articles/.git/b.png")
    site.write("articles/x/b.png")
    links = {
        "out.png": "../outside/secret.png",
        "absolute.png": str(site.root / "outside/secret.png"),
        "passwd.png": "/etc/passwd",
        "zero.png": "/dev/zero",
        "env.png": ".env",
        "hidden.png": ".git/b.png",
        "loop.png": "loop.png",
        "dangling.png": "nowhere.png",
        "folder-out": "../outside",
        "git": ".git",
        "inside.png": "x/b.png",
    }
    for name, target in links.items():
        (folder / name).symlink_to(target)
    os.mkfifo(folder / "fifo.png")
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket.png")
        for name in [name for name in links if "." in name and name != "inside.png"] + ["fifo.png", "socket.png"]:
            assert site.get(name).status_code == 404, name
    assert site.get("folder-out/secret.png").status_code == 404
    assert site.get("git/b.png").status_code == 404
    assert site.get("inside.png").data == BYTES


def test_a_folder_swapped_for_a_link_out_while_it_is_opened(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.write("articles/x/a.png", b"public")
    site.write("outside/a.png", b"secret")
    folder, open_really = site.root / "articles/x", os.open

    def swap_and_open(path: str, flags: int) -> int:
        folder.rename(site.root / "articles/y")
        folder.symlink_to(site.root / "outside")
        descriptor = open_really(path, flags)
        folder.unlink()
        (site.root / "articles/y").rename(folder)
        return descriptor

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", swap_and_open)
        assert site.get("x/a.png").status_code == 404
    assert site.get("x/a.png").data == b"public"


def test_a_file_that_may_not_be_read_is_not_there_and_the_log_says_why(caplog: pytest.LogCaptureFixture) -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        site = Site(Path(name))
        (site.root / "articles/a.png").chmod(0)
        user = os.geteuid()
        if user == 0:  # for root, permissions do not count
            os.seteuid(65534)
        try:
            assert site.get("a.png").status_code == 404
        finally:
            os.seteuid(user)
    assert "a.png" in caplog.text
    assert "right to read it" in caplog.text


def test_a_folder_that_is_gone(site: Site) -> None:
    assert site.get("a.png", "off").status_code == 404


def test_a_file_that_is_too_large_is_not_there(site: Site) -> None:
    file = site.write("articles/a.mp4", b"")
    os.truncate(file, MAX_MEDIA)
    assert site.get("a.mp4", method="HEAD").status_code == 200
    os.truncate(file, MAX_MEDIA + 1)
    assert site.get("a.mp4", method="HEAD").status_code == 404


# Caches


def test_who_has_it_gets_304(site: Site) -> None:
    first = site.get("a.png")
    etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    for headers in (
        {"If_None_Match": etag},
        {"If_None_Match": f'"x", W/{etag}'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": modified},
        {"If_None_Match": etag, "If_Modified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"If_None_Match": etag, "Range": "bytes=0-9"},
    ):
        response = site.get("a.png", **headers)
        assert (response.status_code, response.data) == (304, b""), headers
        assert response.headers["ETag"] == etag
        assert response.headers["Cache-Control"] == first.headers["Cache-Control"]
        assert response.headers["Last-Modified"] == modified
        assert "Content-Length" not in response.headers
        assert site.get("a.png", method="HEAD", **headers).status_code == 304
    for headers in (
        {"If_None_Match": '"x"', "If_Modified_Since": modified},  # If-None-Match wins
        {"If_Modified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"If_Modified_Since": "yesterday"},
    ):
        assert site.get("a.png", **headers).status_code == 200, headers


def test_who_wants_another_version_gets_412(site: Site) -> None:
    first = site.get("a.png")
    etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    for headers in (
        {"If_Match": '"x"', "If_None_Match": etag},
        {"If_Unmodified_Since": "Thu, 01 Jan 1970 00:00:00 GMT", "Range": "bytes=0-9"},
    ):
        response = site.get("a.png", **headers)
        assert response.status_code == 412, headers
        assert response.headers["Cache-Control"] == "no-store"
    for headers in ({"If_Match": etag}, {"If_Match": "*"}, {"If_Unmodified_Since": modified}):
        assert site.get("a.png", **headers).status_code == 200, headers


def test_a_replaced_picture_has_another_tag(site: Site) -> None:
    etag = site.get("a.png").headers["ETag"]
    site.write("articles/new.png", BYTES[::-1])
    (site.root / "articles/new.png").replace(site.root / "articles/a.png")
    response = site.get("a.png", If_None_Match=etag)
    assert (response.status_code, response.data) == (200, BYTES[::-1])


@pytest.mark.parametrize(
    ("age", "seconds"),
    [(timedelta(0), 60), (timedelta(seconds=-9), 60), (timedelta(hours=2), 7200), (timedelta(days=400), 86400)],
)
def test_nobody_keeps_it_longer_than_it_has_been_as_it_is(age: timedelta, seconds: int) -> None:
    assert lifetime(NOW - age, NOW) == seconds


@pytest.mark.parametrize("moment", [-1e9, 0, 9e9])
def test_odd_times_of_files(site: Site, moment: float) -> None:
    os.utime(site.root / "articles/a.png", (moment, moment))
    expected = "Fri, 20 Nov 2026 12:00:00 GMT" if moment > 0 else "Thu, 01 Jan 1970 00:00:00 GMT"
    assert site.get("a.png").headers["Last-Modified"] == expected


# Players: parts of a file (RFC 9110, section 14)

LAST = len(BYTES) - 1


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-", 0, LAST),
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=100000-100099", 100000, 100099),
        (f"bytes={LAST}-", LAST, LAST),
        ("bytes=255990-9999999", 255990, LAST),
        ("bytes=-10", len(BYTES) - 10, LAST),
        ("bytes=-9999999", 0, LAST),
        ("BYTES = 5-6", 5, 6),
    ],
)
def test_a_part(site: Site, asked: str, first: int, last: int) -> None:
    response = site.get("a.png", Range=asked)
    assert response.status_code == 206
    assert response.headers["Content-Range"] == f"bytes {first}-{last}/{len(BYTES)}"
    assert response.headers["Content-Length"] == f"{last - first + 1}"
    assert response.headers["Content-Type"] == "image/png"
    assert response.data == BYTES[first : last + 1]


@pytest.mark.parametrize(
    "asked",
    [
        "bytes",
        "bytes=",
        "bytes=x-y",
        "bytes=9-5",
        "bytes=0-1,5-6",
        "lines=1-2",
        "bytes=-0",
        "-",
        "=",
        "bytes=" + "9" * 9999,
    ],
)
def test_a_range_that_is_none_or_many_means_the_whole(site: Site, asked: str) -> None:
    response = site.get("a.png", Range=asked)
    assert (response.status_code, len(response.data)) == (200, len(BYTES))


@pytest.mark.parametrize("asked", [f"bytes={len(BYTES)}-", "bytes=9999999-", "bytes=9999999-99999999"])
def test_a_part_behind_the_end(site: Site, asked: str) -> None:
    response = site.get("a.png", Range=asked)
    assert (response.status_code, response.data) == (416, b"")
    assert response.headers["Content-Range"] == f"bytes */{len(BYTES)}"
    assert response.headers["Cache-Control"] == "no-store"


def test_a_part_of_the_version_that_the_client_has(site: Site) -> None:
    first = site.get("a.png")
    etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    for condition, status in ((etag, 206), (modified, 206), (f"W/{etag}", 200), ('"x"', 200), ("x", 200)):
        assert site.get("a.png", Range="bytes=0-9", If_Range=condition).status_code == status, condition
    older = "Thu, 19 Nov 2026 07:00:00 GMT"
    assert site.get("a.png", Range="bytes=0-9", If_Range=older).status_code == 200


def test_a_head_is_of_the_whole(site: Site) -> None:
    response = site.get("a.png", method="HEAD", Range="bytes=0-9")
    assert (response.status_code, response.headers["Content-Length"]) == (200, f"{len(BYTES)}")


def test_an_empty_file(site: Site) -> None:
    site.write("articles/empty.png", b"")
    response = site.get("empty.png")
    assert (response.status_code, response.data, response.headers["Content-Length"]) == (200, b"", "0")
    assert site.get("empty.png", Range="bytes=0-").status_code == 416


def test_a_file_that_grows_while_it_is_sent_is_not_longer_than_was_said(site: Site) -> None:
    site.write("articles/a.mp4", BYTES * 5)
    response = site.client.get(f"/media/{media_key('articles')}/a.mp4", buffered=False)
    blocks = response.iter_encoded()
    received = next(iter(blocks))
    with (site.root / "articles/a.mp4").open("ab") as file:
        file.write(BYTES)
    received += b"".join(blocks)
    response.close()
    assert received == BYTES * 5


def test_slow_clients_of_large_files_do_not_take_every_thread(site: Site) -> None:
    site.write("articles/a.mp4", BYTES * 5)
    path = f"/media/{media_key('articles')}/a.mp4"
    under_way = [site.client.get(path, buffered=False) for _ in range(STREAMS)]
    refused = site.get("a.mp4")
    assert (refused.status_code, refused.headers["Cache-Control"]) == (503, "no-store")
    assert int(refused.headers["Retry-After"]) > 0
    assert site.get("a.png").status_code == 200
    assert site.get("a.mp4", method="HEAD").status_code == 200
    assert site.get("a.mp4", Range="bytes=0-9").status_code == 206
    assert site.get("a.mp4", If_None_Match=under_way[0].headers["ETag"]).status_code == 304
    under_way.pop().close()
    assert site.get("a.mp4").data == BYTES * 5
    under_way.pop().close()


def test_a_client_that_hangs_up_leaves_nothing_open(site: Site) -> None:
    response = site.client.get(f"/media/{media_key('articles')}/a.png", buffered=False)
    next(iter(response.iter_encoded()))
    response.close()


# Addresses in what is published


def test_the_site_s_address_takes_the_place_of_the_one_that_never_exists() -> None:
    key = media_key("articles")
    text = f'<img src="https://media.invalid/{key}/a.png"><a href="https://media.invalid/{key}/b%20c.pdf">b</a>'
    assert absolute_media(text, "https://x.example/news") == (
        f'<img src="https://x.example/news/media/{key}/a.png"><a href="https://x.example/news/media/{key}/b%20c.pdf">b</a>'
    )
    for other in ("", "<p>text</p>", "https://media.invalid/", "https://media.invalid/posts/a.png"):
        assert absolute_media(other, "https://x.example") == other
