"""Values in objects of JSON, by path, and the kinds of such objects.

Paths are keys parted by dots: ``properties.email``. A key that has dots itself is found first.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, final

__pyx_capi__: Final[dict[str, Any]]
"""For other native modules."""

_Conditions = tuple[
    Iterable[tuple[str, tuple[object, ...]]],
    tuple[str, ...],
    tuple[str, ...],
    tuple[str, ...],
    Callable[[Any], bool] | None,
]

def find(data: object, path: str) -> Any:
    """Finds the value at a path.

    Args:
        data: As JSON gives it.
        path: Keys parted by dots; a key that has dots itself is found first.

    Returns:
        The value; None where there is none.

    Example:
        >>> find({"a": {"b": 1}, "c.d": 2}, "a.b"), find({"a": {"b": 1}, "c.d": 2}, "c.d")
        (1, 2)
    """

def there(data: object, path: str) -> bool:
    """Whether there is something at a path, be it null.

    Args:
        data: As JSON gives it.
        path: Keys parted by dots.

    Returns:
        Whether it is there.

    Example:
        >>> there({"a": {"b": None}}, "a.b"), there({"a": {}}, "a.b")
        (True, False)
    """

@final
class Choice:
    """Tells which of several kinds an object is of: the first whose conditions it meets.

    Args:
        kinds: Of each kind: paths, each with the texts, whole numbers and flags that may be there; paths that must be
            there, null or not; paths that must not be there; paths that must be there in what the object is taken out
            of; a function that has the last word on the object, or None.

    Example:
        >>> choice = Choice([((("kind", ("card",)),), ("id",), (), (), None), ((), ("id",), ("kind",), (), None)])
        >>> choice.of({"kind": "card", "id": 1}, None), choice.of({"id": 1}, None), choice.of({}, None)
        (0, 1, -1)
    """

    def __init__(self, kinds: Iterable[_Conditions]) -> None: ...
    def of(self, data: object, above: object) -> int:
        """Finds the kind of an object.

        Args:
            data: The object.
            above: What it is taken out of; None where it stands alone.

        Returns:
            The number of the kind; -1 where there is none.
        """
