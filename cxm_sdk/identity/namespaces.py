"""Kinds of identifiers: what each names, whether a profile can hold several, and how long it says whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from pydantic import Field

from cxm_sdk.errors import InputError
from cxm_sdk.identity.checked import Checked

__all__ = ["DEFAULT_NAMESPACES", "SOURCE_ID", "IdentifierClass", "Namespace", "Namespaces"]

DAY = 86_400.0
SOURCE_ID = "source_id"
"""Ids that source systems give, with system, tenant and kind in front: ``hubspot.62515.contact:1``. Names with dots
that are not listed are of this namespace, since nobody can list every tenant beforehand."""


class IdentifierClass(StrEnum):
    """What an identifier names.

    Example:
        >>> IdentifierClass("device").owned
        True
    """

    PERSON = "person"
    """One person, more or less; agreement is weighed by the match model."""

    DEVICE = "device"
    """A machine. It never joins people; it belongs to somebody for an interval of time."""

    COOKIE = "cookie"
    """A browser. As a device."""

    ACCOUNT = "account"
    """A contract or an organisation that several people may share."""

    HOUSEHOLD = "household"
    """A home."""

    @property
    def owned(self) -> bool:
        """Whether it belongs to people by intervals instead of describing them."""
        return self in (IdentifierClass.DEVICE, IdentifierClass.COOKIE)


class Namespace(Checked):
    """The rules of one kind of identifier.

    Attributes:
        name: Its name, such as ``email``.
        kind: What it names.
        unique: Whether a profile holds at most one value.
        most_values: Values that a profile holds at most where it is not unique; None for any number.
        priority: Order in which profiles are named and listed; 1 comes first.
        half_life: Seconds between two observations after which an agreement says half as much; None for ever.
        timeout: Seconds for which a device stays with whoever logged in last; None until somebody else does.

    Example:
        >>> Namespace(name="user_id", kind="person", unique=True, priority=1).unique
        True
    """

    name: str = Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_.\-]+$")
    kind: IdentifierClass
    unique: bool = False
    most_values: int | None = Field(default=None, ge=2)
    priority: int = Field(default=100, ge=1)
    half_life: float | None = Field(default=None, gt=0)
    timeout: float | None = Field(default=None, gt=0)

    @property
    def limit(self) -> int | None:
        """Values that a profile holds at most; None for any number."""
        return 1 if self.unique else self.most_values


#: Numbers are given to somebody else: the FCC asks for 45 days of rest, and Lee and Narayanan (2021) found most
#: numbers on offer to have had an owner. So two years without a sign make an agreement on a phone half as strong; an
#: assumption.
_PHONE_HALF_LIFE = 730 * DAY
#: A household shares a browser; who logged in a month ago has likely left it to somebody else.
_TIMEOUT = 30 * DAY

#: The namespaces of every graph that does not bring its own.
DEFAULT_NAMESPACES: tuple[Namespace, ...] = (
    Namespace(name="user_id", kind=IdentifierClass.PERSON, unique=True, priority=1),
    Namespace(name="crm_id", kind=IdentifierClass.PERSON, unique=True, priority=2),
    Namespace(name="loyalty_id", kind=IdentifierClass.PERSON, priority=3),
    Namespace(name="national_id", kind=IdentifierClass.PERSON, unique=True, priority=4),
    Namespace(name="email", kind=IdentifierClass.PERSON, priority=5),
    Namespace(name="phone", kind=IdentifierClass.PERSON, priority=6, half_life=_PHONE_HALF_LIFE),
    Namespace(name="email_sha256", kind=IdentifierClass.PERSON, priority=7),
    Namespace(name="phone_sha256", kind=IdentifierClass.PERSON, priority=8, half_life=_PHONE_HALF_LIFE),
    Namespace(name="source_id", kind=IdentifierClass.PERSON, priority=9),
    Namespace(name="device_id", kind=IdentifierClass.DEVICE, priority=10, timeout=_TIMEOUT),
    Namespace(name="anonymous_id", kind=IdentifierClass.COOKIE, priority=11, timeout=_TIMEOUT),
    Namespace(name="account_id", kind=IdentifierClass.ACCOUNT, priority=12),
    Namespace(name="household_id", kind=IdentifierClass.HOUSEHOLD, priority=13),
)


class Namespaces:
    """Looks namespaces up by name.

    Args:
        listed: The namespaces.

    Raises:
        InputError: When a name is listed twice, or a device or cookie would outrank a person.

    Attributes:
        names: Their names.

    Example:
        >>> known = Namespaces(DEFAULT_NAMESPACES)
        >>> known.find("email").priority, known.find("shoe_size") is None
        (5, True)
    """

    def __init__(self, listed: Iterable[Namespace]) -> None:
        self._by_name: dict[str, Namespace] = {}
        for namespace in listed:
            if namespace.name in self._by_name:
                raise InputError(f"expected each namespace once, got {namespace.name} twice.")
            self._by_name[namespace.name] = namespace
        self.names = frozenset(self._by_name)
        people = [n.priority for n in self if n.kind is IdentifierClass.PERSON]
        for namespace in self:
            if namespace.kind.owned and people and namespace.priority < min(people):
                raise InputError(
                    f"expected person namespaces to come before devices and cookies, got {namespace.name} first.",
                    hint="give it a priority above those of the person namespaces",
                )
            if namespace.kind.owned and namespace.limit is not None:
                raise InputError(
                    f"expected only person namespaces to have a limit or be unique, got {namespace.name}.",
                    hint="a person has several devices; who owns one is decided by intervals",
                )
            if namespace.unique and namespace.most_values is not None:
                raise InputError(
                    f"expected {namespace.name} to be unique or to have a limit, got both.",
                    hint="leave `most_values` out: a profile holds one value of what is unique",
                )

    def __iter__(self) -> Iterator[Namespace]:
        return iter(self._by_name.values())

    def find(self, name: str) -> Namespace | None:
        """Finds the rules of a namespace.

        Args:
            name: Its name.

        Returns:
            The namespace, None when it is not listed.
        """
        return self._by_name.get(name)

    def placed(self, name: str, value: str) -> tuple[str, str]:
        """Finds the namespace in which an identifier is kept.

        Args:
            name: A namespace, listed or of a source system.
            value: The identifier.

        Returns:
            Namespace and value; those of source systems are of ``source_id`` where that is listed.

        Example:
            >>> Namespaces(DEFAULT_NAMESPACES).placed("hubspot.62515.contact", "1")
            ('source_id', 'hubspot.62515.contact:1')
        """
        if name in self._by_name or "." not in name or SOURCE_ID not in self._by_name:
            return name, value
        return SOURCE_ID, f"{name}:{value}"

    def owned(self, name: str) -> bool:
        """Whether identifiers of this name belong to people by intervals.

        Args:
            name: Of a namespace.

        Returns:
            Whether they do; not where the name is not listed.
        """
        found = self.find(name)
        return found is not None and found.kind.owned
