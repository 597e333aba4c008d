"""A starter config from a look at folders of articles, for `aggregator init`.

    folders ─ blogs' settings, a sample of front matter ─▶ Proposal ─ title, address ─▶ commented YAML

What is proposed publishes every article in the folders; it is a beginning, to be edited.
"""

from .command import ask_on_terminal, take_guesses, write_starter

__all__ = ["ask_on_terminal", "take_guesses", "write_starter"]
