"""What only a process of our own allows: how it keeps memory, and what it need not import."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
import time
from _thread import start_new_thread
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType

__all__ = ["command", "own_process", "read_ahead", "take_memory"]

# Parameters of glibc's mallopt, and how large blocks and gaps must be to be given back on their own.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -2, -3, -8
_NEVER = 2**31 - 1

# Of Linux's madvise: large pages or none, and taking pages at once. Bytes that are taken at a time, and at most.
_HUGE_PAGES, _SMALL_PAGES, _POPULATE_WRITE = 14, 15, 23
_HUGE, _STEP, _MOST = 1 << 21, 1 << 23, 900 << 20
# Seconds of a processor for a byte of large pages above which they are not cheap: to clear it takes a quarter of that.
_SLOW = 7e-10
# Bytes that a run needs for a byte of its inputs, by far; and those of which it is worth the trouble.
_NEEDED, _NEEDED_PACKED, _LARGE = 2, 8, 1 << 23

# Where Linux tells how much memory a group of processes may have, such as a container, and how much it has.
_GROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)

_PARQUET = (".parquet", ".pq")

# Modules whose frames stand between an import statement and a finder.
_MACHINERY = ("importlib._bootstrap", "importlib._bootstrap_external", "importlib", "importlib.util")


class _Unneeded:
    """Tells Arrow that there is no pandas, which it would import, a fifth of a second, for frames that never come.

    Anybody else, such as an engine from another package, gets it. It is a finder without the base class of finders,
    which takes longer to import than all the rest here.
    """

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
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
    take_memory(sys.argv[1:])
    read_ahead(sys.argv[1:])
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
    of Python objects lives until it is used up, so looking for garbage among them finds none. And a thread that comes
    back from compiled code to a few steps of Python does not wait five milliseconds for another one to pause.
    """
    gc.disable()
    sys.setswitchinterval(0.0005)
    sys.meta_path.insert(0, _Unneeded)
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


def take_memory(arguments: Sequence[str]) -> int:
    """Has memory ready for what a run needs, on a processor that is idle as long as packages are imported.

    Pages that are asked for one by one, as they are first written to, cost a tenth of the time of a run; large ones are
    found quicker, too. But a virtual machine may have lent its large free pages to others, and to get one back takes
    ten times as long as to clear it; then pages of the usual size are taken, of which it keeps some. What is taken is
    given back to malloc, not to the operating system.

    Args:
        arguments: What stands behind ``cxm``. Less is taken than files named there will need.

    Returns:
        The bytes that are being taken.

    Example:
        >>> take_memory(["resolve", "missing.csv"])
        0
    """
    needed = 0
    for path, size in _inputs(arguments):
        needed += size * (_NEEDED_PACKED if path.endswith((*_PARQUET, ".gz")) else _NEEDED)
    needed = min(needed, _MOST, _memory_left() // 4)
    if needed < _LARGE:
        return 0
    _begin_to_take(needed)
    return needed


def read_ahead(arguments: Sequence[str]) -> list[str]:
    """Has large Parquet files read, on a processor that is idle as long as packages are imported.

    Args:
        arguments: What stands behind ``cxm``; where a number of workers does, nothing is done beside.

    Returns:
        The files that are being read.

    Example:
        >>> read_ahead(["resolve", "missing.parquet"])
        []
    """
    files = [path for path, size in _inputs(arguments) if path.endswith(_PARQUET) and size >= _LARGE]
    if not files or any(argument.startswith("--workers") for argument in arguments):
        return []
    try:
        from cxm_sdk.engines.parquet import begin
    except ModuleNotFoundError:  # whoever needs it imports it too, and tells what is missing
        return []
    for path in files:
        begin(path)
    return files


def _inputs(arguments: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Files named behind a command that reads them, and their sizes; none where there is only one processor."""
    if arguments[:1] not in (["resolve"], ["train"]) or not hasattr(os, "sched_getaffinity"):
        return
    if len(os.sched_getaffinity(0)) < 2:
        return
    for argument in arguments[1:]:
        path = argument.rpartition("=")[2]
        try:
            yield path, os.path.getsize(path)  # noqa: PTH202 - pathlib is not imported yet
        except (OSError, ValueError):
            continue


def _memory_left() -> int:
    """Bytes that the machine, or the container, has left; one that takes more than it may is killed."""
    left = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
    for most, used in _GROUPS:
        try:
            with open(most) as limit, open(used) as usage:  # noqa: PTH123 - pathlib is not imported yet
                left = min(left, int(limit.read()) - int(usage.read()))
        except (OSError, ValueError):  # there is no such group, or no limit
            continue
    return max(left, 0)


def _begin_to_take(size: int) -> None:
    try:
        library = ctypes.CDLL(None)
        malloc, free, advise = library.malloc, library.free, library.madvise
    except (AttributeError, OSError, TypeError):
        return
    malloc.restype, malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    free.argtypes, advise.argtypes = [ctypes.c_void_p], [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    block = malloc(size)
    if block is None:
        return
    page = os.sysconf("SC_PAGE_SIZE")
    first, last = -(-block // page) * page, (block + size) // page * page
    advise(first, last - first, _HUGE_PAGES)
    if not _cheap(advise, -(-first // _HUGE) * _HUGE, _HUGE):
        advise(first, last - first, _SMALL_PAGES)
        os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")  # NumPy would ask for large ones, too

    def take() -> None:
        # In steps, between which other threads can change what is mapped.
        for at in range(first, last, _STEP):
            if not _cheap(advise, at, min(_STEP, last - at)):
                advise(at, last - at, _SMALL_PAGES)
        free(block)

    start_new_thread(take, ())


def _cheap(advise: Callable[[int, int, int], int], at: int, size: int) -> bool:
    """Takes pages, and tells whether large ones would be worth while."""
    begun = time.thread_time()
    advise(at, size, _POPULATE_WRITE)  # an older kernel does nothing, and takes no time for it
    return time.thread_time() - begun < size * _SLOW
