"""What becomes of one file, for `aggregator explain`: read, routed and normalized as in a scan, with reasons.

The store is only read, and need not be there.
"""

from .command import explain_json, explain_text, explained
from .explanation import Explanation, explain

__all__ = ["Explanation", "explain", "explain_json", "explain_text", "explained"]
