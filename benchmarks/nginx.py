"""The peer for serving: nginx with two workers, and the same answers from files, compressed beforehand."""

import getpass
import gzip
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.load import free_port, wait_for

CONFIG = """
daemon off; user {user}; worker_processes 2; pid {root}/nginx.pid; error_log {root}/error.log;
events {{ worker_connections 1024; multi_accept on; }}
http {{
  access_log off; sendfile on; tcp_nopush on; open_file_cache max=1000; keepalive_requests 10000000;
  types {{ application/atom+xml atom; text/html html; }}
  client_body_temp_path {root}/t1; proxy_temp_path {root}/t2; fastcgi_temp_path {root}/t3;
  uwsgi_temp_path {root}/t4; scgi_temp_path {root}/t5;
  server {{ listen 127.0.0.1:{port}; root {root}/files; gzip_static on; {headers} }}
}}
"""


@contextmanager
def nginx(root: Path, files: Mapping[str, bytes], headers: Mapping[str, str]) -> Iterator[str]:
    """Serve files by name, with more headers than nginx's own; yields the address that names stand behind."""
    (root / "files").mkdir(parents=True)
    for name, body in files.items():
        (root / "files" / name).write_bytes(body)
        (root / "files" / f"{name}.gz").write_bytes(gzip.compress(body, 6, mtime=0))
    port = free_port()
    more = " ".join(f'add_header {name} "{value}";' for name, value in headers.items())
    (root / "nginx.conf").write_text(CONFIG.format(root=root, port=port, user=getpass.getuser(), headers=more))
    server = subprocess.Popen(["nginx", "-c", str(root / "nginx.conf"), "-e", str(root / "error.log")])
    try:
        address = f"http://127.0.0.1:{port}/"
        wait_for(f"{address}{next(iter(files))}")
        yield address
    finally:
        server.terminate()
        server.wait()
