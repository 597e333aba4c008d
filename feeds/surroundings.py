"""What pages show beside their subject. A library that knows nothing of it is published just as well."""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from aggregator.models import Filed, Scope

from .selection import Library


@runtime_checkable
class Surroundings(Protocol):
    """What a library may tell; see store.activity and store.neighbours."""

    def activity(self) -> Mapping[str, Sequence[int]]:
        """Source path → its articles on each of the last days, the oldest day first."""

    def sources_in(self, scope: Scope) -> Mapping[str, int]:
        """Source path → how many of the scope's newest articles it published."""

    def neighbours(self, filed: Filed) -> tuple[Filed | None, Filed | None]:
        """The articles before and after one in its source, by publication."""

    def versions(self, filed: Filed) -> Sequence[Filed]:
        """The same article in other sources."""


class Nothing:
    """The surroundings of a library that tells nothing of them."""

    def activity(self) -> Mapping[str, Sequence[int]]:
        """Nothing."""
        return {}

    def sources_in(self, scope: Scope) -> Mapping[str, int]:  # noqa: ARG002 (the protocol's)
        """Nothing."""
        return {}

    def neighbours(self, filed: Filed) -> tuple[Filed | None, Filed | None]:  # noqa: ARG002
        """Nothing."""
        return None, None

    def versions(self, filed: Filed) -> Sequence[Filed]:  # noqa: ARG002
        """Nothing."""
        return ()


def surroundings(library: Library) -> Surroundings:
    """What the library tells; nothing where it has no word for it."""
    return library if isinstance(library, Surroundings) else Nothing()
