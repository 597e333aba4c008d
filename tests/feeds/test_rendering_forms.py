"""Forms that are filled in: what they make is what feedgen would have written of the same texts."""

from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from feeds.render import xml
from feeds.render.entries import AtomTexts, RssTexts
from feeds.render.forms import Form, escape_plain_text, marks, shape_of

LEGAL = st.characters(
    exclude_categories=("Cs",), exclude_characters=[*map(chr, range(9)), *"\x0b\x0c", "\ufffe", "\uffff"]
)
TEXT = st.text(
    st.one_of(LEGAL.filter(lambda letter: letter >= " " or letter in "\t\n\r"), st.sampled_from("<>&\"'\t\r\n]")),
    min_size=1,
).filter(str.strip)
SOME = st.lists(TEXT, max_size=3).map(tuple)
ONE = st.tuples(TEXT)
PERHAPS = st.one_of(st.just(()), ONE)
MOMENT = st.datetimes(timezones=st.just(UTC)).map(lambda moment: (moment.isoformat(),))
LINKED = st.one_of(st.just(((), ())), st.tuples(ONE, ONE))


def rss_by_feedgen(texts: RssTexts) -> bytes:
    generator = xml._rss_generator("-", "-", "-")
    xml._rss_item(texts, generator.add_entry())
    document: bytes = escape_plain_text(generator.rss_str(pretty=True))
    return document[document.index(b"    <item>") : document.rindex(b"  </channel>")]


def atom_by_feedgen(texts: AtomTexts) -> bytes:
    generator = xml._atom_generator("-", "-", "-")
    xml._atom_entry(texts, generator.add_entry())
    document: bytes = escape_plain_text(generator.atom_str(pretty=True))
    return document[document.index(b"  <entry") : document.rindex(b"</feed>")]


@given(st.builds(RssTexts, ONE, ONE, ONE, ONE, PERHAPS, SOME, ONE, SOME, PERHAPS, PERHAPS, st.just(()), PERHAPS))
def test_an_item_is_what_feedgen_writes(texts: RssTexts) -> None:
    texts = texts._replace(enclosure_type=("image/png",) * len(texts.enclosure))
    assert xml._rss_form(shape_of(texts)).fill(texts) == rss_by_feedgen(texts)


@given(
    st.builds(
        AtomTexts,
        ONE,
        PERHAPS,
        ONE,
        ONE,
        MOMENT,
        MOMENT,
        SOME,
        PERHAPS,
        st.just(()),
        SOME,
        SOME,
        ONE,
        PERHAPS,
        st.just(()),
        PERHAPS,
    ),
    st.booleans(),
)
def test_an_entry_is_what_feedgen_writes(texts: AtomTexts, is_html: bool) -> None:
    texts = texts._replace(enclosure_type=("image/png",) * len(texts.enclosure), labels=texts.terms[::-1])
    if is_html:
        texts = texts._replace(summary=(), html_summary=texts.summary)
    assert xml._atom_form(shape_of(texts)).fill(texts) == atom_by_feedgen(texts)


def test_a_body_is_the_same_however_long_and_however_often() -> None:
    form = Form(f"<a><b>{marks((1,))[0][0]}</b></a>".encode())
    for length in (1, 10_000, 30_000):
        for _ in range(2):
            assert form.fill([("<" * length,)]) == b"<a><b>" + b"&lt;" * length + b"</b></a>"


def test_a_text_that_looks_like_a_mark_stays() -> None:
    (mark,), *_ = marks((1, 2))
    form = Form(f"<a><b>{mark}</b></a>".encode())
    assert form.fill([(mark,)]) == f"<a><b>{mark}</b></a>".encode()


def test_forms_hold_any_number_of_texts() -> None:
    shape = (1, 0, 2000)
    form = Form("".join(f"<b>{text}</b>" for kind in marks(shape) for text in kind).encode())
    texts = [("first",), (), tuple(map(str, range(2000)))]
    assert shape_of(texts) == shape
    assert form.fill(texts).decode() == "<b>first</b>" + "".join(f"<b>{number}</b>" for number in range(2000))
