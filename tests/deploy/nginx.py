"""The real nginx with a site file of deploy/, and a client that takes answers as they come."""

import gzip
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import brotli
import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.readers.server import ROOT, free_port
from tests.watcher.waiting import PATIENCE, eventually

DEPLOY = ROOT / "deploy"
MODULES = Path("/etc/nginx/modules-enabled")
PLAIN: dict[str, Callable[[bytes], bytes]] = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}

# What Debian's nginx.conf has around a site, but for the places that only root can write to.
AROUND = """
{user}
{modules}
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 128; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


def needs_nginx() -> str:
    """Where nginx is. Where it is not, the test is skipped, but not in CI: there it is installed."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        assert not os.environ.get("CI"), "nginx is missing: see .ci/run"
        pytest.skip("nginx is not installed")
    return found


@dataclass(frozen=True)
class Answer:
    """What came over the wire: `body` with its content coding."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __getitem__(self, name: str) -> str:
        return self.headers.get(name.lower(), "")

    @property
    def text(self) -> str:
        return PLAIN[self["Content-Encoding"]](self.body).decode()


@dataclass(frozen=True)
class Host:
    """A server on a port of this machine."""

    port: int

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Ask for a path; `accept_encoding="br"` is the header Accept-Encoding."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, body)


@contextmanager
def nginx(site: str, folder: Path, changes: Mapping[str, str]) -> Iterator[Host]:
    """nginx with a file of deploy/ as its only site, on a free port. `changes` puts what this machine has in place
    of what the file says; each must be there."""
    program = needs_nginx()
    folder.mkdir()
    port = free_port()
    text = (DEPLOY / site).read_text(encoding="utf-8")
    for old, new in {"listen 80;": f"listen 127.0.0.1:{port};", "listen [::]:80;": "", **changes}.items():
        assert old in text, f"{site} has no {old!r}"
        text = text.replace(old, new)
    (folder / "site.conf").write_text(text, encoding="utf-8")
    (folder / "nginx.conf").write_text(
        AROUND.format(
            folder=folder,
            user="user root;" if os.geteuid() == 0 else "",  # the folders of tests are their owner's
            modules=f"include {MODULES}/*.conf;" if MODULES.is_dir() else "",
        ),
        encoding="utf-8",
    )
    command = [program, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        eventually(lambda: process.poll() is not None or listens(port))
        assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
        yield Host(port)
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


@contextmanager
def serving(app: Flask) -> Iterator[Host]:
    """An app in this process, on a free port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Host(server.server_port)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
