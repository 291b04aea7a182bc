"""From a request's bytes to JSON, within limits on everything that a sender decides."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Awaitable, Generator, MutableMapping
from typing import Any, Final

from pydantic_core import from_json

from cxm_sdk.capture.collector.replies import Receive, RefusedError

__all__ = ["BODY_BYTES", "Room", "decoded", "inflated", "read_body"]

BODY_BYTES: Final = 4_000 * 1024
"""Most bytes of a body, as it comes and decompressed; RudderStack's servers take as much."""

KEYLESS_BYTES: Final = 512 * 1024
"""The same for a body whose key is within it: it is read before anybody knows whether its sender may send."""

DRAINED_BYTES: Final = 16 << 20
"""A body up to this size is read to its end before it is refused, so that its sender reads the answer."""

_GZIP: Final = b"\x1f\x8b"
_PACKED: Final = (b"gzip", b"x-gzip", b"deflate")


_Message = MutableMapping[str, Any]


class Room:
    """Memory for bodies that are being read, shared by all requests.

    Args:
        size: Bytes.

    Attributes:
        taken: Bytes that are in use.

    Example:
        >>> room = Room(10)
        >>> room.take(8), room.take(8)
        (True, False)
    """

    __slots__ = ("size", "taken")

    def __init__(self, size: int) -> None:
        self.size = size
        self.taken = 0

    def take(self, count: int) -> bool:
        """Takes some of it.

        Args:
            count: Bytes; negative to give them back.

        Returns:
            Whether there was as much.
        """
        if self.taken + count > self.size:
            return False
        self.taken += count
        return True


async def read_body(
    receive: Receive, headers: dict[bytes, bytes], room: Room, seconds: float, limit: int = BODY_BYTES
) -> bytes:
    """Reads a body.

    Args:
        receive: Of the ASGI server.
        headers: Of the request.
        room: Memory for it, given back before this returns.
        seconds: Longest time that it may take.
        limit: Most bytes.

    Returns:
        The bytes as they came.

    Raises:
        RefusedError: It is too long or too slow, its sender has gone, or there is no memory for it.
    """
    stated = headers.get(b"content-length", b"")
    length = int(stated) if stated.isdigit() else 0
    if length > DRAINED_BYTES:
        raise _too_large(limit, close=True)
    message, coming = _at_hand(receive())
    if coming is None and message["type"] == "http.request" and not message.get("more_body"):
        whole: bytes = message.get("body", b"")
        if len(whole) > limit:
            raise _too_large(limit, close=len(whole) > DRAINED_BYTES)
        if not room.take(len(whole)):
            raise _crowded()
        room.take(-len(whole))
        return whole
    parts: list[bytes] = []
    size = 0
    kept = 0
    try:
        async with asyncio.timeout(seconds):
            while True:
                if coming is not None:
                    message = await coming
                if message["type"] == "http.disconnect":
                    raise RefusedError(400, "disconnected", "The sender has gone.", close=True)
                part = message.get("body", b"")
                size += len(part)
                if size > DRAINED_BYTES:
                    raise _too_large(limit, close=True)
                if size > limit or length > limit:
                    parts.clear()
                elif part:
                    if not room.take(len(part)):
                        raise _crowded()
                    kept += len(part)
                    parts.append(part)
                if not message.get("more_body"):
                    break
                coming = receive()
    except TimeoutError:
        raise RefusedError(408, "slow_body", "The body did not come in time.", close=True) from None
    finally:
        room.take(-kept)
    if size > limit:
        raise _too_large(limit)
    return b"".join(parts)


def _at_hand(coming: Awaitable[_Message]) -> tuple[_Message, Awaitable[_Message] | None]:
    """Gives a message that is there already, else what to await for it: a timer for every body would be dear."""
    steps = coming.__await__()
    try:
        first = next(steps)
    except StopIteration as end:
        return end.value, None
    return {}, _Begun(first, steps)


class _Begun(Awaitable[_Message]):
    """What was awaited up to the point where it has to wait."""

    def __init__(self, first: Any, steps: Generator[Any, None, _Message]) -> None:
        self._first = first
        self._steps = steps

    def __await__(self) -> Generator[Any, None, _Message]:
        try:
            yield self._first
        except BaseException:
            self._steps.close()
            raise
        return (yield from self._steps)


def _too_large(limit: int, *, close: bool = False) -> RefusedError:
    text = f"A body has at most {BODY_BYTES} bytes, packed and unpacked"
    if limit < BODY_BYTES:
        text += f", and {limit} where no key stands outside of it"
    return RefusedError(413, "oversize", f"{text}.", close=close)


def _crowded() -> RefusedError:
    return RefusedError(503, "overloaded", "Too many bodies are being read.", retry_after=1.0, close=True)


def inflated(body: bytes, encoding: bytes, limit: int = BODY_BYTES) -> bytes:
    """Decompresses a body where it is compressed, whatever its headers say; clients are known to forget them.

    Args:
        body: The bytes as they came.
        encoding: The header ``Content-Encoding``.
        limit: Most bytes of the result.

    Returns:
        The bytes that were compressed.

    Raises:
        RefusedError: They are damaged, of an unknown encoding, or too many.

    Example:
        >>> inflated(zlib.compress(b"{}"), b"deflate"), inflated(b"{}", b"gzip")
        (b'{}', b'{}')
    """
    if not body.startswith(_GZIP):
        name = encoding.strip().lower()
        if name in (b"", b"identity") or body[:1] in (b"{", b"["):
            return body
        if name not in _PACKED:
            raise RefusedError(
                415, "encoding", "Content-Encoding: expected gzip, deflate or none, got another."
            )
    parts: list[bytes] = []
    size = 0
    while body:
        machine = zlib.decompressobj(wbits=47)  # gzip or zlib, as its first bytes say
        try:
            part = machine.decompress(body, limit - size + 1)
        except zlib.error:
            raise RefusedError(400, "invalid_gzip", "The body is compressed and damaged.") from None
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
        if not machine.eof:
            raise RefusedError(400, "invalid_gzip", "The body is compressed and cut off.")
        body = machine.unused_data
    return b"".join(parts)


def decoded(body: bytes) -> Any:
    """Reads JSON, as leniently as clients need: bare NaN and infinities, half surrogate pairs, a byte order mark.

    Args:
        body: The text.

    Returns:
        What it says.

    Raises:
        RefusedError: It is no JSON, or lies too deep.

    Example:
        >>> decoded(b'{"total": NaN}')
        {'total': nan}
    """
    try:
        return from_json(body)
    except ValueError as error:
        if "recursion limit" in str(error):
            raise _no_json("The body lies too deep.") from None
    try:  # slower, and forgives more
        return json.loads(body.decode("utf-8-sig", "replace"))
    except RecursionError:
        raise _no_json("The body lies too deep.") from None
    except ValueError:
        raise _no_json("The body is no JSON.") from None


def _no_json(message: str) -> RefusedError:
    return RefusedError(400, "invalid_json", message)
