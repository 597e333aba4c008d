"""The config while a service runs: a saved edit of `config.yaml` takes effect, if it is whole and good.

    looks at the file ─▶ Keeper ─▶ Taken / Refused / Same ─▶ LiveConfig: log, notices, what follows the config
    (follower.py)        pure       (keeper.py)               (service.py)        └─▶ InForce ─▶ web workers

One process of a service decides what is in force, and all others go by what it wrote down (`in_force.py`): so no two
of them ever disagree, and one that begins anew while `config.yaml` is broken has a good config to begin with.
"""

from .follower import POLL, Follower, look
from .in_force import InForce, read_in_force
from .keeper import NEEDS_SERVER, NEEDS_STORE, Keeper, Refused, Same, Taken, Verdict
from .leftovers import sweep
from .reading import Loaded, load
from .service import LiveConfig

__all__ = [
    "NEEDS_SERVER",
    "NEEDS_STORE",
    "POLL",
    "Follower",
    "InForce",
    "Keeper",
    "LiveConfig",
    "Loaded",
    "Refused",
    "Same",
    "Taken",
    "Verdict",
    "load",
    "look",
    "read_in_force",
    "sweep",
]
