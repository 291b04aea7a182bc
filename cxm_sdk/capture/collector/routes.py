"""Which path means what; every spelling that a client has."""

from __future__ import annotations

from typing import Final, NamedTuple
from urllib.parse import quote, unquote_to_bytes

from cxm_sdk.capture.collector.calls import BATCH, CALLS

__all__ = ["PARTS", "Route", "path_of", "route"]

PARTS: Final = ("context", "timeline", "consent")
"""What can be asked of a profile besides itself."""


class Route(NamedTuple):
    """What a path means.

    Attributes:
        kind: What is asked for; one of a few names.
        methods: HTTP methods that it takes, besides those that follow from them.
        open: Whether pages may ask for it.
        parts: What the path names: a call, a key, a webhook, or namespace, value and part of a profile.
    """

    kind: str
    methods: tuple[str, ...]
    open: bool = False
    parts: tuple[str, ...] = ()


def _events() -> dict[str, Route]:
    found = {f"/v1/{name}": BATCH for name in (BATCH, "b", "import")}
    found["/beacon/v1/batch"] = BATCH
    for call in CALLS:
        for path in (f"/v1/{call}", f"/v1/{call[0]}", f"/api/s/{call}", f"/api/s/s2s/{call}"):
            found[path] = call
    return {path: Route("events", ("POST",), True, (call,)) for path, call in found.items()}


_FIXED: Final = {
    **_events(),
    "/v1/m": Route("self_metrics", ("POST",), True),
    "/sourceConfig": Route("source_config", ("GET",), True),
    "/healthz": Route("health", ("GET",)),
    "/readyz": Route("ready", ("GET",)),
    "/metrics": Route("metrics", ("GET",)),
    "/openapi.json": Route("openapi", ("GET",)),
}


def path_of(path: str, raw_path: bytes | None, root_path: str) -> str:
    """Gives the path below the place where the collector is mounted, as it was sent.

    Args:
        path: Path of the request, decoded.
        raw_path: The same before it was decoded; None where the server does not tell.
        root_path: Where the collector is mounted.

    Returns:
        The path; its escapes still stand.

    Example:
        >>> path_of("/collect/v1/t", b"/collect/v1/t", "/collect")
        '/v1/t'
    """
    whole = quote(path) if raw_path is None else raw_path.partition(b"?")[0].decode("latin-1")
    root = quote(root_path.rstrip("/"))
    return whole[len(root) :] if root and whole.startswith(f"{root}/") else whole


def route(path: str) -> Route | None:
    """Finds out what a path means.

    Args:
        path: As ``path_of`` gives it.

    Returns:
        What it means; None when nothing.

    Example:
        >>> route("/v1/t").parts, route("/v1/profiles/email/ada%40example.com/consent").parts
        (('track',), ('email', 'ada@example.com', 'consent'))
    """
    found = _FIXED.get(path)
    return found if found is not None else _with_parts(path)


def _with_parts(path: str) -> Route | None:
    path = path[:-1] if path.endswith("/") else path
    if path in _FIXED:
        return _FIXED[path]
    sent = path.split("/")[1:]
    if "." in sent or ".." in sent:
        return None
    try:
        steps = [unquote_to_bytes(step).decode() for step in sent]
    except UnicodeDecodeError:
        return None
    if not all(step and step.isprintable() for step in steps):
        return None
    match steps:
        case ["v1", "projects", key, "settings"]:
            return Route("settings", ("GET",), True, (key,))
        case ["v1", "webhooks", name]:
            return Route("webhook", ("POST",), False, (name,))
        case ["v1", "profiles", namespace, value]:
            return Route("profile", ("GET",), False, (namespace, value, ""))
        case ["v1", "profiles", namespace, value, part] if part in PARTS:
            return Route("profile", ("GET",), False, (namespace, value, part))
    return None
