"""Objects from plain dicts that are beyond doubt."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Generic, TypeVar, final

_Made = TypeVar("_Made")

__pyx_capi__: Final[dict[str, Any]]
"""For other native modules."""

KINDS: Final[dict[str, int]]

@final
class Shape(Generic[_Made]):
    """What a plain dict must look like to become an object of a class without further checks.

    Args:
        cls: A class of pydantic's; it is made without its constructor.
        fields: Of each field: the keys it may have, its name, its kind (one of ``KINDS``), whether None is taken,
            a detail, the least number, and the longest text. The detail is a frozenset of text for ``one_of``, a shape
            for ``shape`` and ``shapes``, a function for ``call`` and for ``time`` (it reads
            what is not of the usual spelling), else None.
        required: Names of the fields that must be given.
        fresh: Names of the fields that get a new dict when they are not given.
        template: Default by name, of all fields, in order.
    """

    def __init__(
        self,
        cls: type[_Made],
        fields: Iterable[tuple[Iterable[str], str, str, bool, object, float, int]],
        required: Iterable[str],
        fresh: Iterable[str],
        template: Mapping[str, Any],
    ) -> None: ...
    def read(self, source: object) -> _Made | None:
        """Makes an object.

        Args:
            source: What came.

        Returns:
            The object, with the keys that no field has as extra values; None where anything is in doubt, such as a
            value that a function of a field refuses.
        """

    def fill(self, made: object, source: dict[str, Any]) -> bool:
        """Fills an object of the class that holds nothing yet.

        Args:
            made: The object.
            source: What its constructor was given.

        Returns:
            Whether it was filled; where anything is in doubt, it is left as it was.
        """
