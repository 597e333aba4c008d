"""Files with one thing in them again and again, in each place that is searched by a pattern.

A pattern that looks for the end of something from each of its beginnings takes the square of the length: 60,000
characters then take seconds, and five million take hours. People do not find such files; this does.
"""

from collections.abc import Iterator

LENGTH = 60_000  # characters
_PUMPS = (
    *"x 1 _ - – . , : ; / \\ @ # % & < > ( [ { ! = + * ~ ` ' \" | ^ $ ?".split(), " ", "\t", "\n", "\u3000", "文", "。", "\u200b",
    "a ", "1 ", "x1", "a:", "a.", "a,", "a@", "a/", "/x", "..", "//", "../", "<a", "<a ", "<x>", "</x>", "<br ", "<p>", "<b>", "</b>",
    "<!", "<!--", "<![CDATA[", "-->", "<?", "<script", "<style ", "</p", "&#", "&a", "&lt;", "&amp;amp;", "{%", "{% ", "{{", "%}", "[(", "](",
    "![", "![](", "**", "*a", "_a ", "``", "$$", "\\(", "> ", "- ", "* ", "# ", "1. ", "| ", "|-", "\n\n", "\n ", "\n- ", "\n> ", "\r\n",
    "http://", "https:", "www.", "://", "data:", "1x,", "x 1x, ", "x,", ";a", "a=", "a='", "a=\"", "width:", "text-align:", "12:", "1-", "2022-",
    "12:30 ", "Mon, ", "+08", "T1", "e\u0301", "ﷺ", "İ", "\U0001f468\u200d",
)  # fmt: skip
_FIELDS = ("title", "date", "author", "tags", "categories", "link", "cover", "summary", "lang", "id", "updated")
_ATTRIBUTES = (
    "src", "data-original", "srcset", "zoomfile", "href", "alt", "title", "style", "width", "class", "datetime", "colspan", "lang",
    "alttext", "data", "name",
)  # fmt: skip
_HEAD = "---\ntitle: T\ndate: 2022-02-05\n"
_PLACES = (
    *(f"{_HEAD}{name}: '{{}}'\n---\n<p>x</p>" for name in _FIELDS),
    *(f"{_HEAD}{name}: {{}}\n---\n<p>x</p>" for name in ("summary", "author")),
    *(f"{_HEAD}tags: [{{}}]\n---\n<p>x</p>" for _ in "1"),
    *(f'{_HEAD}---\n<p>a<img {name}="{{}}"> b <a {name}="{{}}">c</a></p>' for name in _ATTRIBUTES),
    _HEAD + "---\n<p>{}</p>", _HEAD + "---\n<div>{}", _HEAD + "---\n{}", _HEAD + "---\n<pre>{}</pre>", _HEAD + "---\n<{}>", _HEAD + "---\n<p {}>x",
    _HEAD + "---\n<!--{}-->x", _HEAD + "---\n<svg><style>{}", _HEAD + "---\n<noscript>{}</noscript>", _HEAD + "---\n<iframe src='{}'></iframe>",
    _HEAD + "---\n<video src='{}' poster='{}'></video>", _HEAD + "---\n<math>{}</math>", _HEAD + "---\n```{}\n{}\n```", _HEAD + "---\n[x]({})",
    _HEAD + "---\n![{}](x)", _HEAD + "---\n# {}", _HEAD + "---\n{{% {} %}}", _HEAD + "---\n{{% raw %}}{}", _HEAD + "---\n| a | b |\n|---|---|\n| {} |",
    _HEAD + "---\n<p>before</p>\n{}\n<!-- more -->\n<p>after</p>", "---\n{}\n---\nx", "---\n{}", "{}", "{{\n\"title\": \"{}\"\n}}\n\nx", "+++\ntitle = '{}'\n+++\nx",
    "title: {}\n---\nx", "---\ntitle: |\n  {}\ndate: x\n---\nx", "---\ntitle: T\n{}: x\n---\nx", "<!--\ntitle: {}\n-->\nx", "---\nlink: http://a.example/{}\n---\nx",
    "---\nauthor: {{name: '{}'}}\n---\nx",
)  # fmt: skip


# What stands around it, and how long it is: there are bounds beyond which another, simpler way is taken.
_AROUND = (("", LENGTH, ""), ("1", LENGTH // 2, "x"), ("a/", 28_000, "<"))


def floods(turn: int = 0) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of each file; HTML and Markdown in turn. In three turns each comes in each of the surroundings."""
    for number, place in enumerate(_PLACES):
        for other, pump in enumerate(_PUMPS):
            before, length, behind = _AROUND[(number + other + turn) % 3]
            text = place.format(*[before + pump * (length // len(pump)) + behind] * place.count("{}"))
            yield ("a.md", "a.html")[number % 2], text.encode()
