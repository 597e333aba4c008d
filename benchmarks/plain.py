"""The peer for pages: plain Flask that renders a Jinja template at every request, under the same granian."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask, render_template_string

from benchmarks.load import free_port, wait_for

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title>
<link rel="stylesheet" href="/static/style.css"></head><body><header><a href="/">Home</a></header><main>
<h1>{{ title }}</h1>{% for item in items %}<article><h2><a href="{{ item.url }}">{{ item.title }}</a></h2>
<p>{{ item.summary }}</p><p><time datetime="{{ item.date }}">{{ item.date }}</time>
{% for name in item.categories %}<a href="/categories/{{ name }}">{{ name }}</a> {% endfor %}</p></article>
{% endfor %}{% if content %}{{ content | safe }}{% endif %}</main><footer>{{ title }}</footer></body></html>"""


def create() -> Flask:
    """An application with a list of 20 articles at `/list`, and one of 5 KB at `/article`."""
    app = Flask(__name__)
    items = [
        {
            "url": f"/articles/{number}",
            "title": f"Article number {number}",
            "summary": "Some words of what is in it. " * 8,
            "date": "2026-11-20T12:00:00Z",
            "categories": ["news", "local", "weather"],
        }
        for number in range(20)
    ]
    content = "<p>A paragraph of the article, as long as they are.</p>" * 100

    @app.get("/list")
    def listing() -> str:
        return render_template_string(PAGE, title="All", items=items, content="")

    @app.get("/article")
    def article() -> str:
        return render_template_string(PAGE, title="One", items=[], content=content)

    return app


@contextmanager
def plain() -> Iterator[str]:
    """Serve it with two workers; yields its address."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--factory", "--workers", "2"]
    command += ["--blocking-threads", "4", "--port", str(port), "--log-level", "warning", "benchmarks.plain:create"]
    server = subprocess.Popen(command, env=os.environ, cwd=Path(__file__).parents[1])
    try:
        wait_for(f"http://127.0.0.1:{port}/list")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()
