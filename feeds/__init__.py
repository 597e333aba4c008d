"""The publishing side: feeds and pages over HTTP. It only reads the store, and never starts a scheduler.

`create_app` is loaded when it is asked for: what only renders feeds needs no web framework.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .app import create_app

    return create_app
