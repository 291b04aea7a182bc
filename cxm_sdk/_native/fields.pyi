"""Fields of objects of JSON, read by path.

Paths are keys parted by dots: ``properties.email``. A key that has dots itself is found first.
"""

from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any, Literal, Self, TypeVar

from typing_extensions import disjoint_base

_Told = TypeVar("_Told")
_Form = Literal["iso", "s", "ms", "us", "odata", "us_date", "day"]

def exact_in_floats(text: bytes) -> bool:
    """Tells whether floats hold all numbers in a text of JSON as they are written.

    Args:
        text: JSON in UTF-8.

    Returns:
        False where a number has a fraction and more than 14 digits, or an exponent; also for some text that is no JSON.

    Example:
        >>> exact_in_floats(b'{"price": 19.99, "id": 9007199254740993}'), exact_in_floats(b"[0.1234567890123456]")
        (True, False)
    """

def writable(value: object) -> bool:
    """Tells whether a value can be written as JSON: half a character cannot, which JSON may hold as an escape.

    Args:
        value: From a payload.

    Returns:
        Whether it can, with all that it holds: text, numbers that are finite and below 10^300 where they are whole,
        decimals, times, flags, None, lists and dicts with text as keys, up to 64 in each other.

    Example:
        >>> writable("Zoë"), writable({"name": [chr(0xD800)]})
        (True, False)
    """

@disjoint_base
class Fields:
    """The fields of an object; which paths were asked for is remembered.

    A field that is missing, null or empty text is None; one of the wrong type is None too, and noted. Subclasses say
    how to note, and may read otherwise: all other methods go through their ``raw`` and ``text``.

    Args:
        data: The object, as JSON gives it.
        path: Where it stands.
        zone: Zone of times that name none.
        parent: What it is part of.

    Attributes:
        data: The object.
        path: Where it stands.
        zone: Zone of times that name none.
        parent: What it is part of; None at the top.
        seen: Paths that were asked for.
        children: The objects that ``each`` gave, by path.
        notes: Notes of this object.
        noted: Notes of all objects of a payload, in one list.
    """

    data: Any
    zone: tzinfo | None
    notes: list[Any]

    def __init__(
        self, data: object, path: str = "", zone: tzinfo | None = None, parent: Fields | None = None
    ) -> None: ...
    @property
    def path(self) -> str: ...
    @property
    def parent(self) -> Self | None: ...
    @property
    def seen(self) -> set[str]: ...
    @property
    def children(self) -> dict[str, list[Self]]: ...
    @property
    def noted(self) -> list[Any]: ...
    def note(self, path: str, reason: str, detail: str) -> None:
        """Notes a field that is left out; for subclasses to say how.

        Args:
            path: Keys parted by dots.
            reason: Stable code.
            detail: What was expected and what came, without the value.

        Raises:
            NotImplementedError: Here.
        """

    def raw(self, path: str) -> Any:
        """The value at a path as it is, with everything below it; None where there is none.

        Args:
            path: Keys parted by dots.
        """

    def text(self, path: str) -> str | None:
        """The text at a path, without blanks around it; whole numbers as their digits.

        Args:
            path: Keys parted by dots.

        Returns:
            The text; None where there is none. A number with a fraction, a list or a flag is noted and no text.
        """

    def id(self, path: str) -> str | None:
        """The id at a path, as ``text``; an id has 1 to 512 characters.

        Args:
            path: Keys parted by dots.

        Returns:
            The id; None where there is none.
        """

    def texts(self, path: str) -> list[str]:
        """The texts of the list at a path; a single text counts as a list of one.

        Args:
            path: Keys parted by dots.

        Returns:
            The texts; what is none is noted and left out.
        """

    def flag(self, path: str) -> bool | None:
        """The yes or no at a path, also as text or as 1 and 0.

        Args:
            path: Keys parted by dots.

        Returns:
            The flag; None where there is none.
        """

    def number(self, path: str) -> Decimal | None:
        """The number at a path, also as text.

        Args:
            path: Keys parted by dots.

        Returns:
            The number; None where there is none, or one of 300 digits and more before or behind the point.
        """

    def time(self, path: str, form: _Form = "iso") -> datetime | None:
        """The time at a path.

        Args:
            path: Keys parted by dots.
            form: How the source writes it.

        Returns:
            The time in UTC; None where there is none, or where it cannot be read, which is noted.
        """

    def unusual(self, path: str, value: Any, form: _Form) -> datetime | None:
        """Reads a time that is not ISO 8601 in its usual spelling; for subclasses to say how.

        Args:
            path: Keys parted by dots.
            value: What stands there.
            form: How the source writes it.

        Raises:
            NotImplementedError: Here.
        """

    def ids(self, fields: tuple[tuple[str, _Told], ...]) -> list[tuple[str, str, _Told]]:
        """The ids at many paths.

        Args:
            fields: Paths, each with what goes with it.

        Returns:
            Of each id that is there: the id, its path, and what goes with it.
        """

    def tell(self, fields: tuple[tuple[str, str], ...], told: dict[str, str]) -> None:
        """Puts the texts at many paths under their names; what is there already stays.

        Args:
            fields: Paths, each with its name.
            told: Where they are put.
        """

    def gather(self, fields: tuple[tuple[str, Literal["text", "id", "number"], str], ...]) -> dict[str, Any]:
        """Reads many fields.

        Args:
            fields: Of each: the name to give it, how it is read, and its path.

        Returns:
            What is there, by name.
        """

    def each(self, path: str) -> list[Self]:
        """The objects of the list at a path; a single object counts as a list of one.

        Args:
            path: Keys parted by dots; empty where the payload itself is the list.

        Returns:
            The objects; what is none is noted and left out.
        """

    def part(self, path: str) -> Self | None:
        """The object at a path.

        Args:
            path: Keys parted by dots.

        Returns:
            The object; None where there is none.
        """

    def up(self, path: str) -> str | None:
        """The id at a path here, or in what this is part of.

        Args:
            path: Keys parted by dots.

        Returns:
            The id; None where there is none.
        """

    def at(self, path: str) -> str:
        """The path from the top.

        Args:
            path: Keys parted by dots.
        """

    def release(self) -> None:
        """Forgets what this and everything below is part of, so that all of it is freed at once when it is let go."""
