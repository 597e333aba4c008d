"""What a scan costs that finds nothing new, counted in calls of functions, which no load changes."""

import sys
from collections import Counter

from tests.support import Place, article

FEW, MANY = 20, 120
CALLS = 12  # of functions, for each file that is as it was: to list it and to compare it


def test_a_file_that_is_as_it_was_costs_few_calls(place: Place) -> None:
    for number in range(FEW):
        place.write(f"articles/channel/{number}.md", article(f"No {number}", f"<p>Text {number}</p>"))
    place.scan()
    few = calls_of_scan(place)
    for number in range(FEW, MANY):
        place.write(f"articles/channel/{number}.md", article(f"No {number}", f"<p>Text {number}</p>"))
    place.scan()
    assert calls_of_scan(place) - few <= CALLS * (MANY - FEW)


def calls_of_scan(place: Place) -> int:
    counts: Counter[str] = Counter()
    sys.setprofile(lambda frame, event, argument: counts.update([event]))
    try:
        (counted,) = place.scan().values()
    finally:
        sys.setprofile(None)
    assert (counted.new, counted.updated) == (0, 0)
    assert counted.unchanged in (FEW, MANY)
    return counts["call"] + counts["c_call"]
