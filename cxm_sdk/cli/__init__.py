"""The command ``cxm``: ``main`` here, the commands in ``commands``, what they print in ``text``."""

from __future__ import annotations

import os
import sys
from importlib import import_module

__all__ = ["main"]

# 128 + SIGINT, as shells report a command ended by Ctrl-C.
INTERRUPTED = 130


def main() -> None:
    """Runs the command line and ends the process with its exit code.

    Raises:
        SystemExit: Always; 0 done, 1 done with rejected input, 2 unusable call or input, 130 interrupted.

    Example:
        >>> import contextlib, sys
        >>> sys.argv = ["cxm", "--version"]
        >>> with contextlib.suppress(SystemExit):
        ...     main()
        cxm ...
    """
    try:
        for package in ("typer", "rich"):
            try:
                import_module(package)
            except ModuleNotFoundError:
                sys.stderr.write(f"cxm needs {package}, which is not installed: pip install 'cxm-sdk[cli]'\n")
                raise SystemExit(2) from None
        from cxm_sdk.cli.commands import app_for

        app_for(sys.argv[1:])(prog_name="cxm")
    except SystemExit as leave:
        if leave.code != INTERRUPTED:
            raise
        _leave_now()
    except KeyboardInterrupt:
        _leave_now()


def _leave_now() -> None:
    """Ends the process without waiting for worker threads, which would finish their chunk first.

    Says so here, as an interrupt may come before a command has begun, and typer then ends without a word.
    """
    sys.stdout.flush()
    sys.stderr.write("interrupted; nothing half-written was left behind.\n")
    sys.stderr.flush()
    os._exit(INTERRUPTED)
