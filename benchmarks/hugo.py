"""The peer for building: Hugo makes the same feeds, of the same articles, with RSS and Atom for every list."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import yaml

LIMIT = 50

CONFIG = f"""
baseURL = "http://bench.example/"
title = "Bench"
enableRobotsTXT = false
disableKinds = ["sitemap", "404", "section", "taxonomy"]
ignoreErrors = ["error-disable-taxonomy"]
[taxonomies]
source = "sources"
category = "categories"
[outputs]
home = ["RSS", "ATOM"]
term = ["RSS", "ATOM"]
[outputFormats.ATOM]
mediaType = "application/atom+xml"
baseName = "index"
isPlainText = true
[mediaTypes."application/atom+xml"]
suffixes = ["atom"]
[services.rss]
limit = {LIMIT}
[markup.goldmark.renderer]
unsafe = true
[[cascade]]
[cascade._build]
render = "never"
[cascade._target]
kind = "page"
"""

RSS = """{{ printf "<?xml version=\\"1.0\\" encoding=\\"utf-8\\"?>" | safeHTML }}
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>{{ .Title }}</title><link>{{ .Permalink }}</link><description>The newest articles</description>
{{- range first LIMIT .Pages.ByDate.Reverse }}
<item><title>{{ .Title }}</title><link>{{ .Permalink }}</link><guid isPermaLink="false">{{ .File.UniqueID }}</guid>
<pubDate>{{ .Date.Format "Mon, 02 Jan 2006 15:04:05 -0700" }}</pubDate>
{{- range .Params.categories }}<category>{{ . }}</category>{{ end }}
<description>{{ .Summary | plainify | htmlEscape }}</description>
<content:encoded>{{ printf "<![CDATA[%s]]>" .Content | safeHTML }}</content:encoded></item>
{{- end }}
</channel></rss>
"""

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>{{ .Permalink }}</id><title>{{ .Title }}</title>
<updated>{{ now.Format "2006-01-02T15:04:05Z" }}</updated><link href="{{ .Permalink }}"/>
{{- range first LIMIT .Pages.ByDate.Reverse }}
<entry><id>{{ .Permalink }}</id><title>{{ .Title }}</title><link href="{{ .Permalink }}"/>
<published>{{ .Date.Format "2006-01-02T15:04:05Z" }}</published>
<updated>{{ .Date.Format "2006-01-02T15:04:05Z" }}</updated>
{{- range .Params.categories }}<category term="{{ . }}"/>{{ end }}
<summary>{{ .Summary | plainify | htmlEscape }}</summary>
<content type="html">{{ .Content | htmlEscape }}</content></entry>
{{- end }}
</feed>
"""


class Hugo:
    """A Hugo site made of a corpus (see corpus), built by the `hugo` that is installed."""

    def __init__(self, root: Path, articles: Path) -> None:
        self._root = root
        for name, template in (("rss.xml", RSS), ("list.atom.atom", ATOM)):
            file = root / "layouts" / "_default" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(template.replace("LIMIT", str(LIMIT)), encoding="utf-8")
        (root / "config.toml").write_text(CONFIG, encoding="utf-8")
        for file in articles.rglob("*.md"):
            self.add(file)

    def add(self, file: Path) -> None:
        """Take an article of the corpus, with Hugo's words for its source and categories."""
        _, head, body = file.read_text(encoding="utf-8").split("---\n", 2)
        fields = yaml.load(head, yaml.CSafeLoader)
        names = fields["categories"]
        fields["categories"] = ["/".join(names[:depth]) for depth in range(1, len(names) + 1)]
        fields["sources"] = [fields.pop("author")]
        place = self._root / "content" / f"{file.stem}.md"
        place.parent.mkdir(exist_ok=True)
        front = yaml.dump(fields, allow_unicode=True, Dumper=yaml.CSafeDumper)
        place.write_text(f"---\n{front}---\n{body}", encoding="utf-8")

    def build(self, *, clean: bool = True) -> tuple[float, float]:
        """Build, from nothing or over what is there: seconds, and the peak of memory in MiB."""
        for name in ("public", "resources") if clean else ():
            shutil.rmtree(self._root / name, ignore_errors=True)
        start = time.perf_counter()
        process = subprocess.Popen(["hugo", "--quiet", "--source", str(self._root)])
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError("hugo failed")
        return time.perf_counter() - start, usage.ru_maxrss / 1024

    def feeds(self) -> int:
        """How many feed documents the last build wrote."""
        return sum(1 for file in (self._root / "public").rglob("*") if file.suffix in (".xml", ".atom"))
