from collections.abc import Callable

class TooLargeError(Exception):
    """The text would be longer than the limit; writing stopped there."""

def encode(value: object, limit: int, plain: Callable[[object, bool], object]) -> bytes:
    """Writes a value as JSON in UTF-8, without spaces.

    Plain are ``None``, ``bool``, ``int``, ``float``, ``str``, ``dict``, ``list`` and ``tuple``, not their subclasses.
    NaN and the infinities become ``null``, as does what holds itself or lies more than 64 containers deep; half of a
    surrogate pair becomes U+FFFD.

    Args:
        value: What to write. It is not changed.
        limit: Longest text allowed, in bytes; writing stops once it is exceeded.
        plain: Called as ``plain(value, is_key)`` for whatever is not plain. For a value it gives something plainer to
            write in its place, or bytes that are JSON already; for a key a ``str``, or anything else to leave the
            entry out.

    Returns:
        The text.

    Raises:
        TooLargeError: The text is longer than the limit.
    """

def uuids(drawn: bytes) -> list[str]:
    """Writes random bytes as UUIDs of version 4.

    Args:
        drawn: Random bytes, 16 for each.

    Returns:
        The UUIDs as text, such as ``"5a3c9b1e-0f4d-4c2a-9b7e-1d2f3a4b5c6d"``.
    """
