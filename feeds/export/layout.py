"""Which file holds what is at an address.

A file's name is the address's path, decoded. A page's file has `.html` behind that: static hosts find it without
being told (GitHub Pages, Netlify, Cloudflare Pages) or with one line (nginx: `try_files $uri $uri.html`), and answer
with it at once, where most answer for `<path>/index.html` with a redirect to `<path>/`. So `categories/a.html` and
`categories/a.atom` stand beside the folder `categories/a`. Buckets know exact names only: pages are uploaded to one
under their names without `.html`.
"""

MANIFEST = ".aggregator-export.db"
TEMPORARY = ".aggregator-new-"  # the beginning of the names of files that are being written
FRONT = "index.html"
NOT_FOUND = "404.html"  # the name that static hosts look for
NO_JEKYLL = ".nojekyll"  # tells GitHub Pages to serve the files as they are

# Content coding → what a file in it has behind its name, as nginx's gzip_static and brotli_static look for it.
VARIANTS = {"gzip": ".gz", "br": ".br"}

_MAX_NAME = 255  # bytes, in all common file systems
_LONGEST_VARIANT = max(map(len, VARIANTS.values()))


def page(path: str) -> str:
    """The file of the page at a path (decoded, no slash in front)."""
    return f"{path}.html"


def is_too_long(name: str) -> bool:
    """Whether file systems cannot hold a file, or one of its variants, because a part of its name is too long."""
    *folders, last = (len(part.encode()) for part in name.split("/"))
    return max([*folders, last + _LONGEST_VARIANT]) > _MAX_NAME
