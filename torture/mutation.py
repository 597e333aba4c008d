"""Files that nobody would write: samples cut, joined, repeated and salted with what parsers stumble over."""

from collections.abc import Iterable
from pathlib import Path
from random import Random

ROOT = Path(__file__).parents[1]
_SUFFIXES = {".md", ".html", ".txt", ".bin", ".markdown"}
_FOLDERS = ("tests/sources/cases", "tests/normalizer/cases", "tests/check", "seeds")
_LISTS = ("tests/normalizer/vectors.txt", "tests/security/vectors.txt", "tests/normalizer/dates.txt")
_LISTED = ("tests/normalizer/addresses.txt",)
MAX_SIZE = 5 * 2**20  # bytes; sources refuse larger files unless told otherwise

_NAMES = (
    "a.md",
    "a.html",
    "a.txt",
    "a.markdown",
    "2022-02-05-a.md",
    "_posts/数字.md",
    "a/b/..c.htm",
    "'\"<b>&amp;.md",
)
_FIELDS = (
    "title date updated author authors categories tags link guid id summary excerpt description lang language cover "
    "thumbnail headimg image draft published permalink format toc"
).split()
_TOKENS = [
    token.encode("utf-8", "surrogatepass")
    for token in (
        *"<p> </p> <div> </div> <table> <td> <tr> </table> <b> </b> <i> <a> <a/href= </a> <li> <ul> <dl><dt> <select>".split(),
        *"<svg> </svg> <math> <mtext> <mglyph> <annotation-xml> <foreignObject> <desc> <style> </style> <script>".split(),
        *"</script> <template> <noscript> <textarea> <title> <xmp> <plaintext> <iframe> <noembed> <frameset> <form>".split(),
        *"<!-- --> --!> <!--> <![CDATA[ ]]> <? ?> <!DOCTYPE <!ENTITY & &# &#x &#0; &#xD800; &lt; &amp; &nbsp &NewLine;".split(),
        *"--- +++ ;;; ... ``` ~~~ ![ ]( [ ] * ** _ ` > # {% {{ }} %} {% raw %} | |- >- & *a &a !!python/object ? : - @".split(),
        *"\" ' \\ / // ../ %00 %2e%2e javascript: data:image/svg+xml, data:text/html, vbscript: onerror= style= src= href=".split(),
        *"\x00 \x01 \x0b \x1b \x7f \x85 \xa0 \u200b \u202e \u2028 \ufeff \ufffe \uffff \ufffd \U0001f600 \U000e0001 \ud800 é 文字".split(" "),
        *"<!--more--> <img <img/src=x <video> <source> <object> <embed> <base> <meta> <link> <a\thref <br/ <pre> <code>".split(),
        "\n", "\r", "\r\n", "\t", "    ", "\n\n", "\n---\n", "\n- ", "\n  - ", "title: ", "date: ", "\x00\x00",
        "99999999999999999999", "-1", "1e400", "0x", "2022-02-30", "12:60", "9999-12-31T23:59:60+99:99", "Thu, 01 Jan 0000",
        "\u2022\u0301" * 8, "e" + "\u0301" * 200, "ﷺ", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "İ", "ß", "ﬃ",
    )
]  # fmt: skip
_CODECS = ("gb18030", "utf-16", "utf-16-be", "utf-8-sig", "big5", "shift_jis", "cp1252", "utf-32", "euc_kr", "utf-7")


def samples(root: Path = ROOT) -> list[bytes]:
    """What the mutations start from: the cases of the tests, the samples, the vectors as articles."""
    files = sorted(file for name in _FOLDERS for file in (root / name).rglob("*") if file.suffix in _SUFFIXES)
    found = [file.read_bytes() for file in files]
    return found + [b"---\ntitle: T\ndate: 2022-02-05\n---\n<div>" + vector + b"</div>" for vector in _vectors(root)]


class Mutator:
    """Makes files of `pool`, which may grow while it works. All chance comes from `random`."""

    def __init__(self, pool: list[bytes], random: Random, root: Path = ROOT) -> None:
        self.pool = pool
        self.random = random
        self._words = [*_TOKENS, *_vectors(root), *_dates(root)]
        self._ways = (
            *(3 * [self._insert]), *(2 * [self._field]), *(2 * [self._splice]), self._flip, self._delete, self._copy,
            self._cut, self._repeat, self._recode, self._wrap,
        )  # fmt: skip

    def name(self) -> str:
        return self.random.choice(_NAMES)

    def file(self) -> bytes:
        """One file: a sample changed one to eight times."""
        data = self.random.choice(self.pool)
        for _ in range(self.random.choice((1, 1, 2, 2, 3, 4, 6, 8))):
            data = self.random.choice(self._ways)(data)
        return data[:MAX_SIZE]

    def _place(self, data: bytes) -> int:
        return self.random.randint(0, len(data))

    def _piece(self, data: bytes) -> bytes:
        start = self._place(data)
        return data[start : start + int(2 ** self.random.uniform(0, 9))]

    def _insert(self, data: bytes) -> bytes:
        at = self._place(data)
        return data[:at] + b"".join(self.random.choices(self._words, k=self.random.randint(1, 3))) + data[at:]

    def _field(self, data: bytes) -> bytes:
        """A front matter field with anything in it, behind the first line."""
        at = data.find(b"\n", data.find(b"---")) + 1
        quote = self.random.choice((b"", b"", b"'", b'"', b"[", b"|\n  "))
        value = quote + self.random.choice(self._words) + (b"]" if quote == b"[" else quote.strip(b"|\n "))
        return data[:at] + self.random.choice(_FIELDS).encode() + b": " + value + b"\n" + data[at:]

    def _splice(self, data: bytes) -> bytes:
        other = self.random.choice(self.pool)
        return data[: self._place(data)] + other[self._place(other) :]

    def _flip(self, data: bytes) -> bytes:
        changed = bytearray(data)
        for _ in range(self.random.randint(1, 8) if data else 0):
            changed[self.random.randrange(len(changed))] = self.random.randrange(256)
        return bytes(changed)

    def _delete(self, data: bytes) -> bytes:
        at = self._place(data)
        return data[:at] + data[at + int(2 ** self.random.uniform(0, 8)) :]

    def _copy(self, data: bytes) -> bytes:
        at = self._place(data)
        return data[:at] + self._piece(data) + data[at:]

    def _cut(self, data: bytes) -> bytes:
        return data[: self._place(data)]

    def _repeat(self, data: bytes) -> bytes:
        """A word or a piece again and again: nesting, endless names, floods of attributes."""
        at = self._place(data)
        word = self.random.choice(self._words) if self.random.random() < 0.7 else self._piece(data)
        most = 20 if self.random.random() < 0.05 else 13
        times = min(int(2 ** self.random.uniform(3, most)), MAX_SIZE // max(len(word), 1))
        return data[:at] + word * times + data[at:]

    def _recode(self, data: bytes) -> bytes:
        return data.decode("utf-8", "replace").encode(self.random.choice(_CODECS), "replace")

    def _wrap(self, data: bytes) -> bytes:
        """The body within an element that a parser treats apart."""
        element = self.random.choice(
            b"svg math table select template noscript pre blockquote a p td ul textarea".split()
        )
        head, mark, body = data.partition(b"\n---\n")
        return head + mark + b"<" + element + b">" + body + b"</" + element + b">"


def _vectors(root: Path) -> list[bytes]:
    return [line for name in _LISTS[:2] for line in _lines(root / name) if not line.startswith(b"== ")]


def _dates(root: Path) -> Iterable[bytes]:
    listed = (line for name in (*_LISTS[2:], *_LISTED) for line in _lines(root / name))
    return [line.partition(b" | ")[0] for line in listed]


def _lines(file: Path) -> list[bytes]:
    return [line for line in file.read_bytes().splitlines() if line.strip()] if file.exists() else []
