from collections.abc import Callable, Iterable
from typing import Any, Final, final

KINDS: Final[dict[str, int]]
__pyx_capi__: Final[dict[str, Any]]
"""For other native modules."""

class TooLargeError(Exception):
    """The text would be longer than the limit; writing stopped there."""

@final
class Layout:
    """How objects of one class are written: their attributes in order, then their extra values; None is left out.

    Args:
        cls: The class, whose values lie in ``__dict__`` and ``__pydantic_extra__``; its subclasses are not meant.
        fields: Of each attribute: its name, its key, how it is written (one of ``KINDS``), and the layout of ``part``
            and ``parts``. ``plain`` is what ``encode`` calls plain, ``amount`` a ``Decimal`` as a number, ``parts`` a
            tuple of objects, ``doubt`` whatever ``whole`` alone can write. None leaves every object to ``whole``.
        whole: Gives the JSON text of an object in which anything is in doubt, such as a number that a double does not
            hold.
    """

    def __init__(
        self,
        cls: type[Any],
        fields: Iterable[tuple[str, str, str, Layout | None]] | None,
        whole: Callable[[Any], bytes],
    ) -> None: ...

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

def encode_with(
    value: dict[str, Any],
    key: str,
    body: object,
    layout: Layout,
    limit: int,
    plain: Callable[[object, bool], object],
) -> bytes:
    """Writes a dict with one more entry at its end, an object that has a layout.

    Args:
        value: The dict.
        key: The key of the object.
        body: The object.
        layout: How it is written; an exception of its ``whole`` comes through.
        limit: As for ``encode``.
        plain: As for ``encode``; for the dict.

    Returns:
        The text.

    Raises:
        TooLargeError: The text is longer than the limit.
    """
