"""Records as most are sent become packed records in one go."""

from collections.abc import Callable
from typing import Generic, TypeVar, final

from cxm_sdk._native.contents import Packed
from cxm_sdk._native.plain import PlainForms

_Evidence = TypeVar("_Evidence")
_Record = TypeVar("_Record", bound=Packed)

@final
class PlainRecords(Generic[_Evidence, _Record]):
    """Takes records in.

    Args:
        forms: Brings single values to canonical form.
        evidence: Makes evidence of its name, source, record id, time, kind, body and packed record.
        record: The class of packed records.
        role_of: Gives the role of an attribute by its name, as traits of events are called; None for none.
        roles: Roles that are identifiers of people.
        describing: Roles that describe a person.
        derived: What roles yield besides themselves, in the order in which gaps are filled.
        limits: By role how many values a person has at most, where there is a limit.
        most: Most values of a role.
        most_identifiers: Most identifiers of a record.
        reserved: A source that no record may have.
        ahead: Microseconds by which clocks may be ahead.

    Example:
        >>> forms = PlainForms({}, {}, {}, str.lower, str, str, 1880, "dmy")
        >>> rules = {"email"}, frozenset({"city"}), (), {}, 8, 32, "events", 0
        >>> made = PlainRecords(forms, lambda *told: told, Packed, {"town": "city"}.get, *rules)
        >>> item = {"source": "crm", "record_id": "1", "observed_at": 1, "attributes": {"city": ["Ulm"]}}
        >>> name, source, record_id, at, kind, body, record = made.read(item, 1_000_000)
        >>> record.content, record.written
        ({'city': ['ulm']}, {'city': ['Ulm']})
    """

    def __init__(
        self,
        forms: PlainForms,
        evidence: Callable[[bytes, str, str, int, str, str, _Record | None], _Evidence],
        record: type[_Record],
        role_of: Callable[[str], str | None],
        roles: set[str],
        describing: frozenset[str],
        derived: tuple[tuple[str, tuple[str, ...]], ...],
        limits: dict[str, int],
        most: int,
        most_identifiers: int,
        reserved: str,
        ahead: int,
    ) -> None: ...
    def read(self, item: object, now: int) -> _Evidence | None:
        """A record as evidence.

        Args:
            item: What was sent.
            now: Microseconds since 1970.

        Returns:
            The evidence; without a record where it says nothing about anybody. None for everything that takes more to
            read, such as events, times as text, and items that have to be refused.
        """
