"""How stored HTML is shown, and the small drawings and texts of pages."""

import pytest

from aggregator.normalizer.sanitize import sanitize
from feeds.drawing import COLOURS, HEIGHT, graph, letters, monogram
from feeds.preview import shorten
from feeds.readers import READERS, desktop
from feeds.typeset import typeset

LAZY = 'loading="lazy" decoding="async"'
CASES = {
    "text stays": ("<p>a &lt;img&gt; <b>b</b></p>", "<p>a &lt;img&gt; <b>b</b></p>"),
    "a picture waits": (
        '<img alt="a" width="4" height="3" src="http://x/a.png">',
        f'<img alt="a" width="4" height="3" src="http://x/a.png" {LAZY} referrerpolicy="no-referrer">',
    ),
    "a picture without words is none to a screen reader": (
        '<p><img referrerpolicy="origin" src="http://x/a.png"></p>',
        f'<p><img referrerpolicy="origin" src="http://x/a.png" {LAZY} alt=""></p>',
    ),
    "a picture in a line of text stays in it": (
        '<p>x <img alt="a" src="http://x/a.png"> y</p><p>x<br><img alt="b" src="http://x/b.png"></p>',
        (
            f'<p>x <img alt="a" src="http://x/a.png" class="inline" {LAZY} referrerpolicy="no-referrer"> y</p>'
            f'<p>x<br><img alt="b" src="http://x/b.png" {LAZY} referrerpolicy="no-referrer"></p>'
        ),
    ),
    "an aligned picture has no class of two minds": (
        'x<img alt="a" style="text-align:right" src="http://x/a.png">',
        f'x<img alt="a" src="http://x/a.png" class="inline" {LAZY} referrerpolicy="no-referrer">',
    ),
    "a link needs a name": (
        '<a href="http://x/"> <img alt=" " src="http://x/a.png"> </a>',
        f'<a href="http://x/"> <img src="http://x/a.png" alt="Picture" {LAZY} referrerpolicy="no-referrer"> </a>',
    ),
    "a link that has one keeps it": (
        '<a href="http://x/"><img alt="a map" src="http://x/a.png"></a>',
        f'<a href="http://x/"><img alt="a map" src="http://x/a.png" {LAZY} referrerpolicy="no-referrer"></a>',
    ),
    "alignment is a class": (
        '<p style="text-align:center">a</p><td style="text-align:right" colspan="2">b</td>',
        '<p class="align-center">a</p><td class="align-right" colspan="2">b</td>',
    ),
    "no other style is left": ('<p lang="fr" style="color:red">a</p>', '<p lang="fr">a</p>'),
    "headings come below the page's": (
        '<h1 lang="en">a</h1><h3>b</h3><h6>c</h6><h3>d</h3>',
        '<h2 lang="en">a</h2><h3>b</h3><h4>c</h4><h3>d</h3>',
    ),
    "low headings rise": ("<h5>a</h5><p>b</p>", "<h2>a</h2><p>b</p>"),
    "six levels end at six": (
        "".join(f"<h{level}>x</h{level}>" for level in range(1, 7)),
        "".join(f"<h{level}>x</h{level}>" for level in (2, 3, 4, 5, 6, 6)),
    ),
    "wide things scroll by themselves": (
        "<table><tbody><tr><td>a</td></tr></tbody></table><pre><code>b</code></pre>",
        (
            '<div class="wide" tabindex="0"><table><tbody><tr><td>a</td></tr></tbody></table></div>'
            '<pre tabindex="0"><code>b</code></pre>'
        ),
    ),
    "players load when they are used": (
        '<video src="http://x/a" controls=""></video><audio src="http://x/b" controls=""></audio>',
        (
            '<video src="http://x/a" controls="" preload="none"></video>'
            '<audio src="http://x/b" controls="" preload="none"></audio>'
        ),
    ),
    "a value is never taken for a tag": (
        '<p title="<table><img src=x>" dir="ltr">a</p><a href="http://x/" title="<h1>">b</a>',
        '<p title="<table><img src=x>" dir="ltr">a</p><a href="http://x/" title="<h1>">b</a>',
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_how_it_is_shown(name: str) -> None:
    stored, shown = CASES[name]
    assert typeset(stored, "Picture") == shown


def test_what_the_sanitizer_writes_is_understood() -> None:
    stored = sanitize(
        "<h4>T</h4><p style='text-align:center' title=\"a > b\">x <img src=http://x/a.png alt='1 > 0 \"'></p>"
        "<table><tr><td align=right>1</td></tr></table><video src=http://x/v controls></video>"
    )
    shown = typeset(stored, "Picture")
    assert "style=" in stored
    assert "style=" not in shown
    for added in (LAZY, "<h2>T</h2>", 'class="align-center"', 'class="wide"', "</table></div>", 'preload="none"'):
        assert added in shown


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Harbour Light", "HL"),
        ("ZAKER", "Z"),
        ("拾光笔记", "拾"),
        ("36号实验室", "36"),
        ("2048", "20"),
        ("the 99% club of all", "T9"),
        ("AP 通讯", "A"),
        ("ßeta élan", "SÉ"),
        ("한국 신문", "한"),
        ("<script>", "S"),
        ("—— ？！", "·"),
        ("", "·"),
    ],
)
def test_a_source_has_letters(title: str, shown: str) -> None:
    assert letters(title) == shown


def test_a_colour_stays_with_its_source() -> None:
    assert monogram("A", "sources/a") == monogram("A", "sources/a")
    assert monogram("A", "sources/a").colour == monogram("Renamed", "sources/a").colour
    assert len({monogram("A", f"sources/{number}").colour for number in range(500)}) == len(COLOURS)


@pytest.mark.parametrize("colour", COLOURS)
def test_white_letters_can_be_read_on_every_colour(colour: str) -> None:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    assert 1.05 / (luminance + 0.05) >= 4.5


def test_a_graph_has_a_bar_for_each_day_with_articles() -> None:
    drawn = graph((0, 1, 0, 4, 400))
    assert (drawn.total, drawn.days, drawn.width) == (405, 5, 14)
    assert drawn.path == "M4 24v-2M10 24v-2M13 24v-24"
    assert graph((0, 1)).path == f"M4 24v-{HEIGHT // 2}"  # one article is no tower
    assert graph((0, 0)).path == graph(()).path == ""


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_readers_get_the_whole_address(reader: object) -> None:
    address = "https://x.example/a/%E6%99%A8.atom?q=1&b=2#c"
    link = reader.subscribe(address)  # type: ignore[attr-defined]
    assert link.startswith("https://")
    assert link.endswith("https%3A%2F%2Fx.example%2Fa%2F%25E6%2599%25A8.atom%3Fq%3D1%26b%3D2%23c")
    assert desktop(address) == f"feed:{address}"


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("", ""),
        ("  two\n words ", "two words"),
        ("word " * 10, "word word word word…"),
        ("很" * 30, "很" * 19 + "…"),
        ("x " + "y" * 30, "x " + "y" * 17 + "…"),
    ],
)
def test_descriptions_are_short(text: str, short: str) -> None:
    assert shorten(text, 20) == short
