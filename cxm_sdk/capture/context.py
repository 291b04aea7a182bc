"""What all events of one piece of work have in common: a request, a job, a session.

Set once around the work, read at every event. The context lives in a context variable, so threads, asyncio tasks and
greenlets each see their own, and a task or a copied context (``asyncio.to_thread``, a framework's thread pool) sees
what was set where it was started. A bare ``threading.Thread`` starts without one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, Final

__all__ = ["context", "current"]

_EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})
_current: ContextVar[Mapping[str, Any]] = ContextVar("cxm_sdk.capture.context", default=_EMPTY)


def current() -> Mapping[str, Any]:
    """Gives what every event sent from here on has in common.

    Returns:
        Keys of the wire (``userId``, ``anonymousId``, ``context``) that are set; empty outside of any context. It
        is shared, so copy it before changing it.

    Example:
        >>> with context(user_id="u-1", locale="de-DE"):
        ...     current()
        {'userId': 'u-1', 'context': {'locale': 'de-DE'}}
        >>> len(current())
        0
    """
    return _current.get()


@contextmanager
def context(
    *,
    user_id: str | None = None,
    anonymous_id: str | None = None,
    group_id: str | None = None,
    campaign: Mapping[str, Any] | None = None,
    page: Mapping[str, Any] | None = None,
    ip: str | None = None,
    user_agent: str | None = None,
    request_id: str | None = None,
    **more: Any,
) -> Iterator[None]:
    """Sets what all events of the ``with`` block have in common; an event's own values win.

    Contexts nest: an inner one adds to the outer one and overrides it, mappings such as ``page`` key by key. What is
    None or left out stays as the outer one has it.

    Args:
        user_id: Who is signed in.
        anonymous_id: The browser or device, known before anyone signs in.
        group_id: The company, team or account the person acts for.
        campaign: Where the visit came from: ``name``, ``source``, ``medium``, ``term``, ``content``.
        page: What was being looked at: ``url``, ``path``, ``search``, ``title``, ``referrer``.
        ip: Address of the person's device.
        user_agent: What the browser calls itself.
        request_id: Name of the request in your logs.
        **more: Any other key of an event's ``context``, spelled as on the wire: ``locale``, ``timezone``, ``device``.

    Yields:
        Nothing.

    Example:
        >>> with context(user_id="u-1", page={"path": "/cart"}):
        ...     with context(page={"title": "Cart"}):
        ...         current()["context"]["page"]
        {'path': '/cart', 'title': 'Cart'}
    """
    top = {"userId": user_id, "anonymousId": anonymous_id}
    below = {
        "groupId": group_id,
        "campaign": campaign,
        "page": page,
        "ip": ip,
        "userAgent": user_agent,
        "requestId": request_id,
        **more,
    }
    own: dict[str, Any] = {key: value for key, value in top.items() if value is not None}
    # mappings are copied: the host may go on to change its own
    known = {key: _copied(value) for key, value in below.items() if value is not None}
    if known:
        own["context"] = known
    token = _current.set(_overlaid(_current.get(), own))
    try:
        yield
    finally:
        # a generator may be closed from elsewhere: then what was set ends with the task that set it
        with suppress(ValueError):
            _current.reset(token)


def _copied(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _overlaid(outer: Mapping[str, Any], inner: Mapping[str, Any]) -> dict[str, Any]:
    """Joins two contexts, mappings key by key."""
    joined = dict(outer)
    for key, value in inner.items():
        below = joined.get(key)
        joined[key] = (
            _overlaid(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
        )
    return joined
