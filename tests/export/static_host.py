"""A static web server as hosts of pages are: no redirects, no queries, a page's file found without its `.html`."""

import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit


@contextmanager
def serving(folder: Path, prefix: str = "") -> Iterator[str]:
    """Serve a folder under a path of a free port; yields the address of the folder, without a slash at its end."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            found = find(folder, unquote(path.removeprefix(prefix))) if path.startswith(f"{prefix}/") else None
            body = (found or folder / "404.html").read_bytes()
            self.send_response(200 if found else 404)
            self.send_header(
                "Content-Type", mimetypes.guess_type((found or folder / "404.html").name)[0] or "text/plain"
            )
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{prefix}"
        finally:
            server.shutdown()
            thread.join()


def find(folder: Path, path: str) -> Path | None:
    """The file that a static host answers with (nginx: `try_files $uri $uri.html`)."""
    if path == "/":
        return folder / "index.html"
    return next((file for suffix in ("", ".html") if (file := folder / f"{path[1:]}{suffix}").is_file()), None)
