"""What a graph asks of the place its evidence lies in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeAlias

from cxm_sdk._native.contents import names_of

if TYPE_CHECKING:
    from cxm_sdk._native.feed import Feed
    from cxm_sdk.profiles.evidence import Evidence, Steward

__all__ = [
    "COMPONENT",
    "PROFILE",
    "Change",
    "Issued",
    "NodeRow",
    "NodeValues",
    "ProfileStore",
    "Stored",
    "StoredLink",
]

#: The values of a ``NodeRow``, in a tuple that is made and read faster; and places of some in it.
NodeValues: TypeAlias = tuple[int, bytes, int, int, int, bytes | None]
COMPONENT: Final = 4
PROFILE: Final = 5


class Stored(NamedTuple):
    """An item as it is kept.

    Attributes:
        item: Its number.
        key: 16 bytes that name it.
        source: Its source.
        record_id: Its id there.
        at: Microseconds since 1970.
        kind: ``record`` or the type of the event.
        node: Record of the person layer that it speaks for; None for none.
        body: The item as JSON.
    """

    item: int
    key: bytes
    source: str
    record_id: str
    at: int
    kind: str
    node: int | None
    body: str


class NodeRow(NamedTuple):
    """A record of the person layer as it is kept.

    Attributes:
        node: Its number.
        said: Its source, its id there, what it says and the keys of its identifiers, packed.
        first: Time of its earliest evidence, microseconds since 1970.
        last: Time of its latest.
        component: Number of the records it hangs together with; -1 before it is known.
        profile: Its profile; None before it is known.
    """

    node: int
    said: bytes
    first: int
    last: int
    component: int
    profile: bytes | None

    @property
    def named(self) -> tuple[str, str]:
        """Its source, and its id there."""
        return names_of(self.said)


class StoredLink(NamedTuple):
    """A pair worth keeping.

    Attributes:
        a: The smaller record number.
        b: The larger one.
        weight: Match weight in bits.
        household: log2 odds of one household against strangers.
        fate: None below the threshold, ``kept`` inside a profile, else why it does not hold.
    """

    a: int
    b: int
    weight: float
    household: float
    fate: str | None


class Issued(NamedTuple):
    """What became of a profile id.

    Attributes:
        node: The record it was made of; None where that is gone.
        heir: The id of the profile that took its place, if any.
        ended: Why nothing took its place: ``erased`` or ``retracted``.
    """

    node: int | None
    heir: bytes | None
    ended: str | None


class Change(NamedTuple):
    """One entry of the change feed.

    Attributes:
        seq: Its number; later ones are larger.
        at: When it was made, microseconds since 1970.
        kind: ``created``, ``merged``, ``split``, ``renamed``, ``link_added``, ``link_dropped``, ``attribute_changed``,
            ``retracted`` or ``erased``.
        profile: Id of the profile.
        detail: What else there is to say: ids, reasons, names of fields; never a value of a customer.
    """

    seq: int
    at: int
    kind: str
    profile: str
    detail: Mapping[str, Any]


class ProfileStore(Protocol):
    """A place for evidence and what is made of it. What it promises is in the contract suite of the tests.

    Reads and writes belong into ``transaction`` or ``reading``. What is remembered in memory from one transaction to
    the next is brought up to date when another process has written since, so that several can work on one store.
    """

    def close(self) -> None:
        """Closes the file; what was committed is in it."""

    def transaction(self) -> AbstractContextManager[None]:
        """Everything inside happens, or nothing of it. May be nested; the outermost one counts."""

    def reading(self) -> AbstractContextManager[None]:
        """Everything read inside is of one moment."""

    def empty_journal(self) -> None:
        """Moves what is in the journal into the file, and empties it; not while another process reads an old state."""

    def scour(self) -> None:
        """Rewrites the file without the remains of what was deleted, and empties the journal."""

    def files(self) -> list[Path]:
        """The files that hold the store; none in memory."""

    def faults(self) -> list[str]:
        """What SQLite finds wrong with the file; empty when all is well."""

    def meta(self, name: str) -> str | None:
        """Reads a setting; None where it was never set."""

    def set_meta(self, name: str, value: str) -> None:
        """Writes a setting."""

    def existing(self, keys: Iterable[bytes]) -> dict[bytes, Stored]:
        """Items by key, where they are there."""

    def next_item(self) -> int:
        """A number that no item has, nor any larger one."""

    def add_evidence(
        self, items: Iterable[tuple[int, Evidence, int | None, Sequence[tuple[int, str, str]]]]
    ) -> None:
        """Keeps items.

        Args:
            items: Of each, of a key that is not there yet: a number that no other has, the item, the record of the
                person layer that it speaks for (None for none), and key, namespace and value of the devices on which
                it was seen.
        """

    def items(self, numbers: Iterable[int]) -> list[Stored]:
        """Items by number, in ascending order."""

    def all_items(self) -> Iterator[Stored]:
        """Every item, in the order in which they came in."""

    def drop_evidence(self, item: int, devices: Sequence[int], at: int) -> None:
        """Forgets an item."""

    def items_of_nodes(self, nodes: Iterable[int]) -> list[int]:
        """Numbers of the items that speak for some records, in no particular order."""

    def span_of_node(self, node: int) -> tuple[int, int] | None:
        """First and last time of the items that speak for a record; None where there is none."""

    def items_between(
        self, nodes: Sequence[int], since: int, until: int, kinds: Sequence[str] | None, limit: int | None
    ) -> list[Stored]:
        """Items that speak for some records, from one time on and before another, latest first.

        Args:
            nodes: The records.
            since: Microseconds since 1970, included.
            until: The same, not included.
            kinds: Types of events, and ``record``; None for all.
            limit: Most items; None for all.

        Returns:
            The items.
        """

    def devices_of_nodes(self, nodes: Iterable[int]) -> list[int]:
        """Devices on which somebody was seen logged in as one of some records, ascending."""

    def device_names(self, devices: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Namespace and value of devices by key, where they were seen."""

    def logins(self, device: int) -> list[tuple[int, int]]:
        """(time, record) of everything seen on a device that says who it was, by time."""

    def seen_on(self, device: int) -> list[int]:
        """Every item that was seen on a device."""

    def anonymous(self, device: int, since: int, until: int) -> list[tuple[int, int]]:
        """(time, item) of what was seen on a device and says not who it was, from one time on and before another."""

    def nodes_by_key(self, keys: Iterable[bytes]) -> dict[bytes, NodeRow]:
        """Records of the person layer by key, where they are there."""

    def next_node(self) -> int:
        """A number that no record of the person layer has, nor any larger one."""

    def add_nodes(self, rows: Iterable[tuple[bytes | None, NodeRow]]) -> None:
        """Keeps records of the person layer: key, None where it is that of the one item, and record."""

    def set_nodes(self, rows: Iterable[NodeRow]) -> None:
        """Changes what records say, and when; component and profile stay as they are."""

    def drop_node(self, node: int) -> None:
        """Forgets a record of the person layer."""

    def nodes(self, numbers: Iterable[int]) -> list[NodeRow]:
        """Records by number."""

    def node_values(self, numbers: Iterable[int]) -> list[NodeValues]:
        """The same, for those who ask for many."""

    def nodes_of_components(self, components: Iterable[int]) -> list[int]:
        """Numbers of records that hang together."""

    def nodes_of_profile(self, profile: bytes) -> list[NodeRow]:
        """Records of a profile that was issued."""

    def profiles_of_nodes(self, nodes: Iterable[int]) -> dict[int, bytes]:
        """Profile of each of some records."""

    def all_nodes(self) -> Iterator[NodeRow]:
        """Every record of the person layer, by number."""

    def assign(self, rows: Iterable[tuple[int, bytes, int, int]]) -> None:
        """Writes component and profile of records: (component, profile, record, component it was in)."""

    def add_keys(self, rows: bytes) -> None:
        """Files records under keys: (key, record), as ``packing.packed`` writes them."""

    def drop_keys(self, rows: bytes) -> None:
        """Takes records from under keys, likewise."""

    def file_keys(self) -> None:
        """Leaves nothing of keys that were dropped anywhere."""

    def holders(self, key: int, limit: int) -> list[int]:
        """Records under a key, at most so many."""

    def holders_of(self, keys: Iterable[int], limit: int) -> dict[int, list[int]]:
        """Records under each of some keys, at most so many of each; keys that nobody is filed under are left out."""

    def rows_under(self, keys: list[int], limit: int) -> bytes:
        """Records under each of some keys, as ``holders_of``.

        Args:
            keys: The keys, ascending and each once.
            limit: Most records of a key.

        Returns:
            (key, record) of all, ascending, as ``packing.packed`` writes them.
        """

    def holders_after(self, key: int, node: int, limit: int) -> list[int]:
        """Records under a key with a larger number than another, ascending, at most so many."""

    def count_holders(self, key: int) -> int:
        """How many records there are under a key."""

    def shared(self, keys: Iterable[int]) -> dict[int, int]:
        """People behind those of some identifiers that several people share; -1 where too many do."""

    def all_shared(self) -> list[tuple[int, str, int]]:
        """(key, role, people) of every identifier that several people share."""

    def set_shared(self, rows: Iterable[tuple[int, str, int]]) -> None:
        """Writes how many people share identifiers: (key, role, people); one is not written down."""

    def links_of_nodes(self, nodes: Iterable[int]) -> list[StoredLink]:
        """Links that end in one of some records."""

    def link_rows(self, nodes: Iterable[int]) -> list[tuple[int, bytes]]:
        """Links of which the larger number is among some records, as ``links.rows_of_links`` packs them."""

    def all_links(self) -> Iterator[StoredLink]:
        """Every link."""

    def put_links(self, rows: list[tuple[int, bytes]]) -> None:
        """Writes links, over those of the same two records: as ``links.rows_of_links`` packs them."""

    def drop_links(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Forgets links, by their two records."""

    def assignments(self) -> Iterator[tuple[bytes, bytes]]:
        """(key of the item, profile) of every item that says who it is about."""

    def forget_findings(self) -> None:
        """Empties keys, shared identifiers, links and devices: all that can be found anew from the items."""

    def rebind(self, item: int, at: int, node: int | None, devices: Sequence[tuple[int, str, str]]) -> None:
        """Writes for which record an item speaks, and on which devices it was seen.

        Args:
            item: Its number.
            at: Its time.
            node: The record; None for none.
            devices: Key, namespace and value of the devices.
        """

    def decisions(self) -> list[Steward]:
        """Every decision of a steward."""

    def set_decision(self, decision: Steward) -> None:
        """Writes a decision, over an earlier one on the same two."""

    def drop_decision(self, a: str, b: str) -> None:
        """Forgets a decision."""

    def issue(self, rows: Iterable[tuple[bytes, int]]) -> None:
        """Writes down profile ids and the records they are made of; one that had ended is live again.

        An id is what ``golden.profile_id`` makes of the source and id of its record, and nothing else.
        """

    def issued(self, profile: bytes) -> Issued | None:
        """What became of a profile id; None where it was never issued."""

    def were_issued(self, rows: Iterable[tuple[bytes, int]]) -> list[tuple[bytes, int]]:
        """Those of some profile ids, each with the record that it would be made of, that were issued."""

    def end_issued(self, rows: Iterable[tuple[bytes | None, str | None, bytes, int]]) -> None:
        """Writes what became of profile ids whose record is gone: (heir, why there is none, id, record)."""

    def log(self, at: int, feed: Feed) -> None:
        """Appends entries to the change feed."""

    def changes(self, since: int, limit: int) -> list[Change]:
        """The change feed after a number, oldest first."""

    def bury(self, digests: Iterable[bytes], at: int) -> None:
        """Keeps keyed digests of what must not come back."""

    def buried(self, digests: Iterable[bytes]) -> set[bytes]:
        """Those of some digests that must not come back."""

    def any_buried(self) -> bool:
        """Whether anything was ever erased."""

    def count(self, table: str) -> int:
        """Rows of a table: ``evidence``, ``node``, ``shared``, ``steward`` or ``tombstone``."""

    def profile_sizes(self) -> dict[int, int]:
        """How many profiles there are of each number of records."""

    def fates(self) -> dict[str, int]:
        """How many links met each fate; those below the threshold are left out."""

    def unmet_links(self, limit: int) -> list[StoredLink]:
        """Links at or above the threshold that lie in no profile, heaviest first."""

    def large_profiles(self) -> list[bytes]:
        """Ids of the live profiles of two records or more."""

    def all_profiles(self) -> list[bytes]:
        """Ids of all live profiles, ascending."""

    def all_devices(self) -> list[int]:
        """Every device or cookie that was seen, ascending."""
