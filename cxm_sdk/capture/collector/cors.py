"""Which pages may call the collector, as browsers ask it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from cxm_sdk.capture.collector.keys import WriteKey
from cxm_sdk.capture.collector.replies import RefusedError, Reply

__all__ = ["Origins", "origin_headers"]

ALLOWED: Final = frozenset(
    (
        "anonymousid",
        "authorization",
        "content-encoding",
        "content-type",
        "rsa-recovered",
        "rsa-retry-attempt",
        "rsa-retry-reason",
        "rsa-since-first-attempt",
        "rsa-since-last-attempt",
        "sentat",
        "x-enable-debug",
        "x-ip-policy",
        "x-retry-count",
        "x-write-key",
    )
)
"""Headers that browser clients send, at first and when they try again.

Named one by one, as ``*`` does not cover ``Authorization`` (Fetch standard)."""

_READABLE: Final = re.compile(r"[!-~]{1,300}")  # what may be sent back in a header
_VARY: Final = (b"vary", b"Origin")


class Origins:
    """The pages that any key lets in: a preflight carries no key.

    Args:
        keys: The keys.

    Example:
        >>> Origins([WriteKey("wk-1", "shop", origins=["https://shop.example"])]).lets("https://evil.example")
        False
    """

    def __init__(self, keys: Iterable[WriteKey]) -> None:
        self._named: set[str] | None = set()
        for key in keys:
            if key.origins is None:
                self._named = None
                return
            self._named.update(key.origins)

    def lets(self, origin: str) -> bool:
        """Tells whether a page may ask.

        Args:
            origin: Its origin.

        Returns:
            Whether any key lets it.
        """
        return bool(_READABLE.fullmatch(origin)) and (self._named is None or origin in self._named)

    def preflight(self, headers: dict[bytes, bytes], methods: bytes) -> Reply:
        """Answers what a browser asks before the call itself.

        Args:
            headers: Of its request.
            methods: What the path takes.

        Returns:
            The answer, but for the headers that every answer to the page has.

        Raises:
            RefusedError: The page may not call.
        """
        origin = headers.get(b"origin", b"").decode("latin-1")
        if not origin or b"access-control-request-method" not in headers:
            return Reply(204, b"", ((b"allow", methods),))
        if not self.lets(origin):
            raise RefusedError(403, "origin", "No key lets pages of this origin send events.")
        asked = headers.get(b"access-control-request-headers", b"").decode("latin-1").lower().split(",")
        allowed = sorted(ALLOWED.intersection(name.strip() for name in asked))
        return Reply(
            204,
            b"",
            (
                (b"access-control-allow-methods", methods),
                (b"access-control-allow-headers", ",".join(allowed).encode()),
                (b"access-control-max-age", b"900"),
            ),
        )


def origin_headers(origin: str | None) -> tuple[tuple[bytes, bytes], ...]:
    """Lets a page read an answer.

    Args:
        origin: Its origin; None for what is no browser.

    Returns:
        Headers of the answer.

    Example:
        >>> origin_headers(None)
        ((b'vary', b'Origin'),)
    """
    if origin is None:
        return (_VARY,)
    return (
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", b"Retry-After,X-RateLimit-Reset"),
        _VARY,
    )
