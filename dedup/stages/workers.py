"""Worker processes that a Ctrl-C at the terminal does not reach: the process that started them ends them."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def shielded() -> Iterator[None]:
    """Processes begun in the block are not interrupted by SIGINT, from their first moment on; this one is afterwards.

    A signal that comes meanwhile is not lost. Windows has no such mask: there, workers say that they were interrupted.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
