"""Keep freed memory in the process: reading and judging make the same large arrays again and again."""

from __future__ import annotations

import ctypes
from functools import cache

import pyarrow as pa

from dedup.addresses import address_limit

# malloc.h of the GNU C library; values in bytes.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEPT = 1 << 30
_LARGEST_MMAP_THRESHOLD = 32 << 20


@cache
def keep_memory() -> bool:
    """Ask the C library not to give freed blocks back to the system: halves the time of array work, because pages need
    not be cleared anew. Arrow, which has an allocator of its own that gives them back at once, then asks it too. False
    where the C library has no such switch, or addresses are limited, of which this takes more; nothing changes then.
    """
    if address_limit() is not None:
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return False
    kept = bool(mallopt(_MMAP_THRESHOLD, _LARGEST_MMAP_THRESHOLD) and mallopt(_TRIM_THRESHOLD, _KEPT))
    if kept:
        pa.set_memory_pool(pa.system_memory_pool())
    return kept
