"""Feed readers that a link can hand a feed to. Self-hosted ones (Miniflux, FreshRSS) have no address to link to."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Reader:
    """A feed reader. `template` is the address that subscribes: `{}` stands for the feed's, percent-encoded."""

    name: str
    template: str

    def subscribe(self, feed: str) -> str:
        """The link that subscribes to a feed."""
        return self.template.format(quote(feed, safe=""))


READERS = (
    Reader("Feedly", "https://feedly.com/i/subscription/feed%2F{}"),
    Reader("Inoreader", "https://www.inoreader.com/?add_feed={}"),
    Reader("NewsBlur", "https://www.newsblur.com/?url={}"),
    Reader("The Old Reader", "https://theoldreader.com/feeds/subscribe?url={}"),
    Reader("Feedbin", "https://feedbin.com/?subscribe={}"),
)


def desktop(feed: str) -> str:
    """The link that a feed reader on the person's own machine answers to."""
    return f"feed:{feed}"
