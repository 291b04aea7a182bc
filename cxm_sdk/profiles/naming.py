"""What users call people and records, and whom they mean by it."""

from __future__ import annotations

from typing import TypeAlias

from cxm_sdk.errors import InputError, StoreError, UnknownProfileError
from cxm_sdk.identity.person_records import PersonRecord
from cxm_sdk.identity.record_blocks import identifier_key
from cxm_sdk.identity.sharing import MOST_HOLDERS
from cxm_sdk.profiles.evidence import evidence_key
from cxm_sdk.profiles.items import Reader
from cxm_sdk.profiles.reading import View
from cxm_sdk.profiles.values import id_text
from cxm_sdk.profiles.verdicts import identifier_token, record_token

__all__ = ["Name", "Names", "record_name"]

#: Times a chain of profile ids may lead on before something is wrong with the store.
LONGEST_CHAIN = 1000

_ASK = "a record is source:record_id, an identifier a namespace and a value"

#: A namespace and a value, or ``source:record_id``, or, where that makes sense, a profile id.
Name: TypeAlias = tuple[str, str] | str


class Names:
    """Finds out whom a name means.

    Args:
        view: Reads the store.
        reader: Brings identifiers to canonical form.
    """

    def __init__(self, view: View, reader: Reader) -> None:
        self._view, self._reader, self._store = view, reader, view.store

    def identifier(self, namespace: str, value: object) -> tuple[str, str]:
        """Brings an identifier to canonical form; one of no namespace, or that says nothing, is an error."""
        text = id_text(value) or ""
        form = self._reader.identifier(namespace, text)
        namespace, _ = self._view.config.known.placed(namespace, text)
        if self._view.config.known.find(namespace) is None:
            names = ", ".join(one.name for one in self._view.config.known)
            raise InputError(f"expected a namespace of the graph ({names}), got another one.")
        if form is None:
            raise InputError(
                f"expected a value of {namespace} that names somebody, got one that says nothing."
            )
        return namespace, form

    def token(self, name: Name) -> str:
        """How a decision of a steward calls an identifier or record."""
        if isinstance(name, str):
            source, colon, record_id = name.partition(":")
            if not colon:
                raise InputError("expected a record as source:record_id, got text without a colon.")
            if self._is_namespace(source) and not self._store.existing([evidence_key(source, record_id)]):
                raise _one_text()
            return record_token(source, record_id)
        return identifier_token(*self.identifier(*_pair(name)))

    def _is_namespace(self, name: str) -> bool:
        return self._view.config.known.find(name) is not None

    def meant(self, name: object) -> bytes:
        """The live profile that an id leads to, or that a record lies in; an error where there is none."""
        if isinstance(name, str) and ":" in name:
            node = self.records(name)[0].number
            return self._store.profiles_of_nodes([node])[node]
        return self.live(name)

    def live(self, name: object) -> bytes:
        """The live profile that an id leads to; an error where it leads to nobody."""
        try:
            key = bytes.fromhex(name if isinstance(name, str) else "?")
        except ValueError:
            raise UnknownProfileError("expected a profile id of 32 hexadecimal digits.", hint=_ASK) from None
        for _ in range(LONGEST_CHAIN):
            found = self._store.issued(key)
            if found is None:
                raise UnknownProfileError("no profile ever had this id.")
            if found.node is not None:
                return self._store.profiles_of_nodes([found.node])[found.node]
            if found.heir is None:
                raise UnknownProfileError(f"the evidence of this profile is gone ({found.ended}).")
            key = found.heir
        raise StoreError("the ids in the store lead round in a circle.", hint="restore it from a copy")

    def holder(self, namespace: str, value: str, now: int) -> bytes:
        """The one profile that holds an identifier, or owns a device now; an error where there is not just one."""
        key = identifier_key(namespace, value)
        if self._view.config.known.owned(namespace):
            owner = self._view.ownership(key, namespace)
            whose = owner.at(now)
            if whose is None:
                why = "too many people use it" if owner.kiosk else "nobody logged in on it lately"
                raise UnknownProfileError(f"this {namespace} belongs to nobody now: {why}.")
            return whose
        nodes = self._store.holders(key, MOST_HOLDERS + 1)
        people = set(self._store.profiles_of_nodes(nodes).values())
        if len(people) == 1:
            return people.pop()
        if not people:
            raise UnknownProfileError(f"nobody has this {namespace}.")
        raise UnknownProfileError(
            f"expected a {namespace} of one person, got one that {len(people)} share.",
            hint="ask `profiles(namespace, value)`",
        )

    def records(self, name: Name) -> list[PersonRecord]:
        """Records that a name speaks of, in canonical order; an error where there are none."""
        if not isinstance(name, str):
            namespace, form = self.identifier(*_pair(name))
            nodes = self._store.holders(identifier_key(namespace, form), MOST_HOLDERS)
        elif ":" in name:
            source, _, record_id = name.partition(":")
            nodes = [row.node for row in self._store.nodes_by_key([evidence_key(source, record_id)]).values()]
        else:
            return self._view.records(self.live(name))
        found = [self._view.record(row) for row in self._store.nodes(nodes)]
        if not found and isinstance(name, str) and self._is_namespace(name.partition(":")[0]):
            raise _one_text()
        if not found:
            raise UnknownProfileError("nobody has this identifier, or there is no such record.")
        return sorted(found, key=lambda record: record.order)


def record_name(name: object) -> tuple[str, str]:
    """Finds out which record is meant.

    Args:
        name: ``source:record_id``, or source and id.

    Returns:
        Source and id, as text.

    Raises:
        InputError: When it is neither.

    Example:
        >>> record_name("crm:17"), record_name(("crm", 17))
        (('crm', '17'), ('crm', '17'))
    """
    parts = name.partition(":")[::2] if isinstance(name, str) and ":" in name else name
    if isinstance(parts, tuple | list) and len(parts) == 2 and (named := id_text(parts[1])) is not None:
        return str(parts[0]), named
    raise InputError("expected a record as (source, record_id) or source:record_id, got something else.")


def _pair(name: object) -> tuple[str, object]:
    """A namespace and a value; an error where it is something else."""
    if isinstance(name, tuple | list) and len(name) == 2 and isinstance(name[0], str):
        return name[0], name[1]
    kind = type(name).__name__
    raise InputError(f"expected (namespace, value), source:record_id or a profile id, got {kind}.")


def _one_text() -> InputError:
    return InputError(
        "expected a record as source:record_id, got the name of a namespace in place of the source.",
        hint="an identifier is a namespace and a value, as two texts",
    )
