"""From a raw entry to an article's normal form: complete, in UTC, safe, the same for the same input.

    Entry ─ title, link, key, authors, dates, categories, tags, language, summary      (front matter)
          ─ excerpt, to_hypertext ─ restructure (a tree, many small rewrites) ─ make_safe      (body)
          ─ summarize, image ─▶ Article

Whatever is wrong with the input becomes a `Problem`, never an exception.
"""

from aggregator.normalizer.draft import Draft, Normalized, Options
from aggregator.normalizer.steps import STEPS, VERSION, Step, is_draft, normalize
from aggregator.normalizer.text import plain_text

__all__ = ["STEPS", "VERSION", "Draft", "Normalized", "Options", "Step", "is_draft", "normalize", "plain_text"]
