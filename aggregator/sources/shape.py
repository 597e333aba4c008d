"""Whether a body is complete in shape, so that it need not wait for its writer to finish."""

import re
from functools import lru_cache
from itertools import accumulate

_OPENING = re.compile(r"<([A-Za-z][A-Za-z0-9-]{0,63})[\s/>]")


def is_enclosed(body: str) -> bool:
    """Whether one HTML element encloses the whole body: `<div>…</div>`.

    The element that begins the body must be closed by the very last tag. `<p>a</p><p>b</p>` is no proof: cut off
    after its first paragraph it would look just as complete.
    """
    opening = _OPENING.match(body)
    if not opening or not body.endswith(">"):
        return False
    tags = _tags(opening[1].lower())
    depths = list(accumulate([-1 if slash else 1 for slash in tags.findall(body)]))
    return depths[-1] == 0 and depths.count(0) == 1 and tags.fullmatch(body, body.rindex("<")) is not None


@lru_cache(maxsize=64)
def _tags(name: str) -> re.Pattern[str]:
    return re.compile(rf"<(?:(/){name}[ \t\n]*>|{name}(?=[\s/>]))", re.IGNORECASE)
