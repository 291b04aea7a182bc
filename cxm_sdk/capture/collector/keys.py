"""Who may write and who may read: keys are kept as hashes and compared in constant time."""

from __future__ import annotations

import hmac
import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, Protocol, TypeVar

from cxm_sdk.capture.stages import Plan
from cxm_sdk.errors import InputError

__all__ = ["Presented", "ReadKey", "WriteKey", "find", "hashed", "presented"]

_HASH: Final = re.compile(r"sha256:[0-9a-f]{64}")
_ORIGIN: Final = re.compile(r"https?://[a-z0-9._\-\[\]:]+", re.IGNORECASE)
SHORTEST_SECRET: Final = 16
"""Fewest characters of a key that opens profiles."""


def hashed(key: str) -> str:
    """Gives what is kept of a key.

    Args:
        key: The key, or its hash already.

    Returns:
        ``sha256:`` and 64 hexadecimal digits.

    Raises:
        InputError: It is empty.

    Example:
        >>> hashed("wk-1")[:14]
        'sha256:f43add5'
    """
    if _HASH.fullmatch(key):
        return key
    if not key:
        raise InputError("expected a key, got an empty text.")
    return f"sha256:{sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}"


@dataclass(frozen=True)
class WriteKey:
    """A key that may send events. What is kept of it is its hash.

    Args:
        key: The key, or its hash as ``hashed`` gives it.
        source: What events that come by it are from; stands in each of them as ``source``.
        origins: Origins of the pages that may use it, such as ``https://shop.example``; None lets every page. Whoever
            is no browser can claim any origin.
        rate: Most events a second, on average; None sets no limit. A burst of one batch always passes.
        plan: A tracking plan to check events against.

    Raises:
        InputError: The key is empty, an origin is none, or the rate is not above 0.

    Example:
        >>> key = WriteKey("wk-1", "shop", origins=["https://shop.example"])
        >>> key.source, "wk-1" in repr(key), key.allows("https://evil.example")
        ('shop', False, False)
    """

    key: str = field(repr=False)
    source: str = "default"
    origins: Sequence[str] | None = None
    rate: float | None = None
    plan: Plan | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", hashed(self.key))
        if not self.source or len(self.source) > 100:
            raise InputError("source: expected a name of 1 to 100 characters.")
        for origin in self.origins or ():
            if not _ORIGIN.fullmatch(origin):
                raise InputError(
                    "origins: expected origins such as https://shop.example, got something else."
                )
        if self.rate is not None and not self.rate > 0:
            raise InputError("rate: expected events a second above 0.")

    def allows(self, origin: str | None) -> bool:
        """Tells whether a page may use it.

        Args:
            origin: Origin of the page; None for what is no browser.

        Returns:
            Whether it may.
        """
        return origin is None or self.origins is None or origin in self.origins


@dataclass(frozen=True)
class ReadKey:
    """A secret that opens profiles; it never belongs into a page or an app.

    Args:
        key: The secret, of at least 16 characters, or its hash as ``hashed`` gives it.

    Raises:
        InputError: It is too short.

    Example:
        >>> ReadKey("7c1f0e9b2a4d4c55").key[:7]
        'sha256:'
    """

    key: str = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) < SHORTEST_SECRET:
            raise InputError(
                f"expected a secret of at least {SHORTEST_SECRET} characters, got a shorter one."
            )
        object.__setattr__(self, "key", hashed(self.key))


class Keyed(Protocol):
    """What is opened by a key."""

    @property
    def key(self) -> str:
        """Hash of the key."""


K = TypeVar("K", bound=Keyed)


def find(keys: Iterable[K], key: str) -> K | None:
    """Finds what a key opens. It compares with every hash, so that time tells nothing.

    Args:
        keys: What there is.
        key: What was presented.

    Returns:
        What it opens; None when nothing.

    Example:
        >>> find([WriteKey("wk-1", "shop")], "wk-1").source
        'shop'
    """
    digest = sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    wanted = f"sha256:{digest}"
    found: K | None = None
    for each in keys:
        same = hmac.compare_digest(each.key, wanted)
        found = each if same else found
    return found


class Presented:
    """Where a request may carry its key, looked up in the order that clients rely on.

    Attributes:
        header: From ``Authorization: Basic`` or ``X-Write-Key``; None when neither is there.
        query: From ``?writeKey=``.
        bearer: Whether a token was presented that goes with a key in the body.
    """

    __slots__ = ("bearer", "header", "query")

    def __init__(self, header: str | None, query: str | None, *, bearer: bool) -> None:
        self.header = header
        self.query = query
        self.bearer = bearer

    @property
    def outside(self) -> str | None:
        """The key where it is known without the body; None when the body has a say."""
        return self.query if self.header is None and not self.bearer else self.header

    def chosen(self, body: object) -> str | None:
        """Chooses the key: a header goes before the address, and both before the body, where it may be masked.

        Args:
            body: The ``writeKey`` of the body, whatever it is.

        Returns:
            The key; None when there is none.

        Example:
            >>> Presented(None, "wk-2", bearer=False).chosen("wk-1")
            'wk-2'
        """
        inside = body if isinstance(body, str) and body else None
        if self.header is not None:
            return self.header
        return (inside or self.query) if self.bearer else (self.query or inside)


def presented(headers: dict[bytes, bytes], query: dict[str, list[str]] | None) -> Presented:
    """Reads the keys that a request carries outside its body.

    Args:
        headers: Headers by name in small letters.
        query: Values of the query by name; None when it has none.

    Returns:
        The keys.

    Example:
        >>> presented({b"authorization": b"Basic d2stMTo="}, None).header
        'wk-1'
    """
    scheme, _, given = headers.get(b"authorization", b"").partition(b" ")
    scheme = scheme.lower()
    header = _basic(given) if scheme == b"basic" else None
    if header is None and (named := headers.get(b"x-write-key")):
        header = named.decode("latin-1").strip() or None
    asked: Any = query.get("writeKey") if query else None
    return Presented(header, asked[0] if asked else None, bearer=scheme == b"bearer")


def _basic(given: bytes) -> str | None:
    """The key is the user; Jitsu's keys are two parts, so a password is part of the key."""
    try:
        user, _, password = b64decode(given.strip()).decode().partition(":")
    except (Base64Error, ValueError):
        return None
    return (f"{user}:{password}" if password else user) or None
