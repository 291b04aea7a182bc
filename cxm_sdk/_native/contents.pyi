"""What records say, packed: what a live graph keeps, weighs and counts."""

from collections.abc import Container, Iterable, Mapping
from typing import Any, Final, Self, TypeVar

from typing_extensions import disjoint_base

_Record = TypeVar("_Record", bound=Packed)
_Row = TypeVar("_Row", bound=tuple[Any, ...])

__pyx_capi__: Final[dict[str, Any]]

CLEAR: Final[dict[str, str]]
"""Roles of digests, and the roles of what was hashed."""

def digests_of(role: str, form: str, written: str) -> list[str]:
    """SHA-256 digests under which others may know a contact.

    Args:
        role: ``email`` or ``phone``.
        form: Its canonical form.
        written: As it is written.

    Returns:
        Of an address the digest of the canonical form and, where it differs, of the trimmed one in lower case, which is
        how advertising platforms hash it. Of a number that of its digits and, where it is written with the prefix of a
        country, with a plus sign.

    Example:
        >>> from hashlib import sha256
        >>> len(digests_of("email", "adal@gmail.com", "Ada.L@gmail.com"))
        2
        >>> digests_of("phone", "7700900123", "0044 7700 900123")[1] == sha256(b"+447700900123").hexdigest()
        True
    """

@disjoint_base
class Packed:
    """What a record says, in one piece of memory; texts are made of it only when they are asked for.

    Args:
        number: Its number in the store.
        source: Its source.
        record_id: Its id there.
        content: Canonical values by role.
        written: How they are written, in the same order; roles that are written in canonical form may be left out.
        first: Microseconds since 1970 of its earliest evidence.
        last: The same of its latest.
        roles: Roles that are identifiers.

    Raises:
        TypeError: When the values are no lists of texts.
        UnicodeEncodeError: When there is half of a surrogate pair in them.
        ValueError: When other numbers of values are written than there are.

    Attributes:
        joint: Keys that several of its values make together, once they are known.

    Example:
        >>> record = Packed(1, "crm", "17", {"city": ["ulm"]}, {"city": ["Ulm"]}, 0, 0)
        >>> again = Packed.restored(1, record.packed(), 0, 0, ())
        >>> again.source, again.content, again.written
        ('crm', {'city': ['ulm']}, {'city': ['Ulm']})
    """

    joint: list[int] | None
    def __init__(
        self,
        number: int,
        source: str,
        record_id: str,
        content: dict[str, list[str]],
        written: Mapping[str, list[str]],
        first: int,
        last: int,
        roles: Container[str] = (),
    ) -> None: ...
    @classmethod
    def restored(
        cls, number: int, packed: bytes, first: int, last: int, roles: Container[str], keyed: bool = True
    ) -> Self:
        """The record that was packed.

        Args:
            number: Its number in the store.
            packed: What ``packed`` has made of it.
            first: Microseconds since 1970 of its earliest evidence.
            last: The same of its latest.
            roles: Roles that are identifiers.
            keyed: Whether they are still the same; else keys are worked out anew.

        Returns:
            The record.

        Raises:
            ValueError: When it is something else.
        """

    def packed(self) -> bytes:
        """All of it but its number and its times, as a store keeps it."""

    def at(self, first: int, last: int) -> Self:
        """The same, said at other times.

        Args:
            first: Microseconds since 1970 of its earliest evidence.
            last: The same of its latest.

        Returns:
            The record.
        """

    def become(self, number: int) -> None:
        """Takes a number, as what is read from an item has none.

        Args:
            number: Its number in the store.

        Raises:
            ValueError: When it has one.
        """

    def says_as(self, other: Packed) -> bool:
        """Whether both say the same, written in the same way."""

    @property
    def number(self) -> int:
        """Its number in the store."""

    @property
    def first(self) -> int:
        """Microseconds since 1970 of its earliest evidence."""

    @property
    def last(self) -> int:
        """The same of its latest."""

    @property
    def roles(self) -> Container[str]:
        """Roles that are identifiers."""

    @property
    def source(self) -> str:
        """Its source."""

    @property
    def record_id(self) -> str:
        """Its id there."""

    @property
    def order(self) -> tuple[bytes, bytes]:
        """Its place in canonical order: by source, then by id, bytewise."""

    @property
    def age(self) -> tuple[int, bytes, bytes]:
        """What makes it earlier than another: time, source, id."""

    @property
    def content(self) -> dict[str, list[str]]:
        """Canonical values by role; not to be changed."""

    @property
    def written(self) -> dict[str, list[str]]:
        """How its values are written, in their order; roles that are written in canonical form are left out."""

    @property
    def keys(self) -> list[int]:
        """Keys of its identifiers: of each role in the order of values, then of digests of what it knows in clear."""

    @property
    def key_roles(self) -> list[str]:
        """The role of each of ``keys``."""

    @property
    def named(self) -> list[tuple[str, str]]:
        """Role and canonical value of the identifiers that it has in clear; their keys are the first of ``keys``."""

    @property
    def identifiers(self) -> list[tuple[str, str, int]]:
        """Role, canonical value and key of each of its identifiers, derived ones behind the others."""

    def knows(self, role: str) -> bool:
        """Whether it says anything of a role."""

    def derived(self, role: str) -> list[str]:
        """Works out under which digests others may know its contacts.

        Args:
            role: A role of digests.

        Returns:
            Distinct digests of what it knows in clear.
        """

def restore(
    cls: type[_Record],
    rows: Iterable[_Row],
    roles: Container[str],
    keyed: bool,
    records: dict[int, _Record],
    held: dict[int, _Row],
) -> None:
    """Restores the records of those rows that are not there yet.

    Args:
        cls: The class of records.
        rows: Each begins with number, packed record, and the times of its earliest and its latest evidence.
        roles: Roles that are identifiers.
        keyed: As for ``Packed.restored``.
        records: Records by number, to which they are added.
        held: Rows by number, likewise.

    Raises:
        TypeError: When a row is something else.
        ValueError: When a packed record is something else.
    """

def names_of(packed: bytes) -> tuple[str, str]:
    """Source and id of a packed record.

    Raises:
        ValueError: When it is something else.
    """

def fewest_first(records: list[Packed], roles: tuple[str, ...], but: str) -> int:
    """The fewest different first values among some roles of which half of the records, or more, know one.

    Args:
        records: What the records say.
        roles: The roles.
        but: One of them that is left out.

    Returns:
        The number; 0 where so few know any of the roles.
    """
