"""How many addresses this process may have (`ulimit -v`). Imports nothing: it is asked before libraries are loaded."""

from __future__ import annotations

import sys


def address_limit() -> int | None:
    """The limit in bytes; None where there is none."""
    if sys.platform == "win32":
        return None
    import resource

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if limit == resource.RLIM_INFINITY else limit
