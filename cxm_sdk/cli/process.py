"""What only a process of our own allows: how it keeps memory, and what it need not import."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType

__all__ = ["command", "own_process"]

# Parameters of glibc's mallopt, and how large blocks and gaps must be to be given back on their own.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -2, -3, -8
_NEVER = 2**31 - 1

# Modules whose frames stand between an import statement and a finder.
_MACHINERY = ("importlib._bootstrap", "importlib._bootstrap_external", "importlib", "importlib.util")


class _Unneeded(MetaPathFinder):
    """Tells Arrow that there is no pandas, which it would import, a fifth of a second, for frames that never come.

    Anybody else, such as an engine from another package, gets it.
    """

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if name == "pandas" and _importer() in ("cxm_sdk", "pyarrow"):
            raise ModuleNotFoundError("the command reads files and needs no pandas", name=name)


def _importer() -> str:
    """The package that is importing something; Arrow's compiled part does so in the name of who called it."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__") in (__name__, *_MACHINERY):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__")).partition(".")[0]


def command() -> None:
    """What ``cxm`` runs: the command line, and then the end of the process at once.

    A batch leaves gigabytes behind. Python would take them down piece by piece, for longer than some runs take.
    """
    own_process()
    from cxm_sdk.cli import main

    code: object = 0
    try:
        main()
    except SystemExit as leave:
        code = leave.code or 0
    if not isinstance(code, int):  # a message
        raise SystemExit(code)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # nobody reads any more; Python's own code for that
        code = 120
    os._exit(code)


def own_process() -> None:
    """Settles in: call it first, before other packages are imported.

    A batch run allocates and frees the same megabytes again and again on all threads. Given back to the operating
    system in between, or kept by each thread and each library for itself, they cost a sixth of the time. What it makes
    of Python objects lives until it is used up, so looking for garbage among them finds none.
    """
    gc.disable()
    sys.meta_path.insert(0, _Unneeded())
    try:
        settle = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # not glibc
        return
    for parameter, value in (
        (_ARENA_MAX, 1),
        (_MMAP_THRESHOLD, 1 << 30),
        (_TRIM_THRESHOLD, _NEVER),
        (_TOP_PAD, 1 << 26),
    ):
        settle(parameter, value)
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    # Nothing here multiplies matrices, and the threads that NumPy would start for it wait by spinning.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Nothing watches what pydantic checks here, and to find out it would read what each installed package offers.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
