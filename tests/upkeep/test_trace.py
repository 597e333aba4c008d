"""A text that is gone is known again by its trace, about as well as by itself."""

import random

import pytest

from aggregator.resemblance import SAMPLE, Trace, resemblance

WORDS = [f"word{number}" for number in range(400)]


def text(chance: random.Random, length: int) -> list[str]:
    return chance.choices(WORDS, k=length)


@pytest.mark.parametrize("length", [1, 5, 23, 24, 60, 300, 3000])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_trace_tells_what_the_text_would(length: int, share: float) -> None:
    chance = random.Random(length)
    one = text(chance, length)
    kept = round(length * share)
    other = " ".join([*one[:kept], *text(chance, length - kept)])
    exact = resemblance(other, f"<p>{' '.join(one)}</p>")
    traced = resemblance(other, Trace.of(f"<p>{' '.join(one)}</p>"))
    assert traced == pytest.approx(exact, abs=0.2 if length * 2 > SAMPLE else 0.001)


def test_images_and_chinese_characters_count() -> None:
    html = '<p>码头上的旧钟又走了起来，修钟的人说里面住过一窝燕子。</p><img src="https://pics.example/a.jpg">'
    assert resemblance(html, Trace.of(html)) == 1
    assert (
        resemblance('<img src="https://pics.example/a.jpg">', Trace.of('<img src="https://pics.example/a.jpg">')) == 1
    )
    assert resemblance("<p>面包在冷厨房里慢慢发起来，第二天早上才进炉子，香味飘了一条街。</p>", Trace.of(html)) == 0


@pytest.mark.parametrize("html", ["", "<p></p>", "<p>one</p>", "<p>" + " ".join(WORDS) + "</p>"])
def test_a_trace_is_short_and_survives_being_written_down(html: str) -> None:
    trace = Trace.of(html)
    assert Trace.parse(str(trace)) == trace
    assert len(str(trace)) <= 600


def test_a_short_text_is_measured_by_the_longer_one_where_it_matters() -> None:
    short, longer = "<p>For members only</p>", "<p>For members only, and for their friends on Sundays</p>"
    for strict in (False, True):
        assert resemblance(short, Trace.of(short), strict=strict) == 1
    assert resemblance(short, Trace.of(longer), strict=True) < 0.5
