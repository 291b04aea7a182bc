"""Puts a client together: which sinks it has, and where events wait for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from cxm_sdk.capture.backlog import Backlog, MemoryBacklog
from cxm_sdk.capture.batch import Sink
from cxm_sdk.capture.stages import Consent
from cxm_sdk.errors import InputError

__all__ = ["backlog_of", "consent_gate", "identity_of", "named_sinks", "one_of"]


def one_of(what: str, value: str, allowed: tuple[str, ...]) -> None:
    """Checks an argument.

    Args:
        what: Its name.
        value: What was given.
        allowed: What may be.

    Raises:
        InputError: It is none of them.
    """
    if value not in allowed:
        raise InputError(f"{what} must be one of {', '.join(allowed)}.")


def _sinks(sink: Any, write_key: str | None) -> list[Sink]:
    found: list[Sink] = []
    for each in sink if isinstance(sink, list | tuple) else (sink,):
        if isinstance(each, str):
            from cxm_sdk.capture.sinks.http import HttpSink

            found.append(HttpSink(each, write_key=write_key))
        elif callable(getattr(each, "send", None)):
            found.append(each)
        else:
            raise InputError(f"A sink is a URL or has send(batch); {type(each).__name__} is neither.")
    if not found:
        raise InputError("A client needs at least one sink.")
    return found


def named_sinks(sink: str | Sink | Sequence[str | Sink], write_key: str | None) -> list[tuple[str, Sink]]:
    """Makes sinks of what a client was given.

    Args:
        sink: A URL, a sink, or several of them.
        write_key: The key of the source, for URLs.

    Returns:
        Each sink, with a name of its own for the ledger.

    Raises:
        InputError: It is neither, or there is none.
    """
    named: dict[str, Sink] = {}
    for each in _sinks(sink, write_key):
        name = base = type(each).__name__.removesuffix("Sink").lower()
        number = 1
        while name in named:
            number += 1
            name = f"{base}-{number}"
        named[name] = each
    return list(named.items())


def consent_gate(consent: Any) -> Consent | None:
    """Makes a gate of consent rules.

    Args:
        consent: Rules, a gate, or None.

    Returns:
        The gate; None when there are no rules.
    """
    if consent is None or hasattr(consent, "admit"):
        gate: Consent | None = consent
        return gate
    from cxm_sdk.events.consent import ConsentGate

    made: Consent = ConsentGate(consent)
    return made


def backlog_of(sink: Sink, spool: str | os.PathLike[str] | None, durability: str) -> Callable[[Any], Backlog]:
    """Chooses where events for a sink wait.

    Args:
        sink: The sink.
        spool: The folder asked for; None leaves it to the sink and the platform.
        durability: ``memory``, ``process`` or ``power``.

    Returns:
        What makes the backlog, given the lock that guards it.
    """
    if durability == "memory" or (spool is None and getattr(sink, "volatile", False)):
        return lambda lock: MemoryBacklog()
    from cxm_sdk.capture.houses import default_folder, destination_folder
    from cxm_sdk.capture.spool import SpoolBacklog

    folder = os.path.abspath(default_folder() if spool is None else spool)
    destination = destination_folder(folder, identity_of(sink))
    return lambda lock: SpoolBacklog(lock, destination, power=durability == "power")


def identity_of(sink: Sink) -> str:
    """Names the destination of a sink.

    Args:
        sink: The sink.

    Returns:
        Its own name for it, else that of its class.
    """
    kind = type(sink)
    return str(getattr(sink, "identity", f"{kind.__module__}.{kind.__qualname__}"))
