"""The records to be linked: what they are, and how rows of sources become them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cxm_sdk._native.codes import rows_where
from cxm_sdk._native.text import hash128
from cxm_sdk.errors import ColumnError
from cxm_sdk.identity.columns import (
    MAX_SLOTS,
    Cell,
    Column,
    Encoded,
    Group,
    Numbered,
    encode,
    number_texts,
)
from cxm_sdk.identity.digests import Digested, read_digests, with_digests
from cxm_sdk.identity.name_order import names_in_order
from cxm_sdk.identity.record_keys import RecordKeys, record_keys
from cxm_sdk.identity.running import Mapper
from cxm_sdk.identity.shares import outputs, unify
from cxm_sdk.identity.sources import Rejected, SourceTable
from cxm_sdk.identity.spans import Spans

if TYPE_CHECKING:
    from cxm_sdk.identity.roles.all_sources import SourceRoles

__all__ = ["Ahead", "Column", "Records", "build_records"]


@dataclass(frozen=True)
class Records:
    """All records of all sources, by column, in canonical order: by source name, then by record id, bytewise.

    Attributes:
        source_names: Names of the sources in order.
        source_codes: ``int32[records]``, index into ``source_names``.
        record_ids: ``string[records]``, without null; one id stands once in a source.
        columns: For each role its columns, one a slot, at least one; roles that no record has are left out.
        warnings: What a user should know about columns and ids.
        digested: For roles of digests what is compared, where digests of what is known in clear stand beside those that
            came as such; ``columns`` holds the latter alone.
    """

    source_names: list[str]
    source_codes: npt.NDArray[np.int32]
    record_ids: pa.StringArray
    columns: dict[str, list[Column]]
    warnings: list[str] = field(default_factory=list)
    digested: dict[str, Digested] = field(default_factory=dict)

    def compared(self, role: str) -> list[Column]:
        """What is compared of a role.

        Args:
            role: A role that some record has.

        Returns:
            Its columns, with digests of what is known in clear.
        """
        return self.digested[role].columns if role in self.digested else self.columns[role]

    def __len__(self) -> int:
        return len(self.source_codes)

    def fingerprint(self, map_: Mapper = map) -> str:
        """Tells these records from any others: equal for equal ids and values, in whatever order they came in.

        Args:
            map_: Runs independent pieces of work; like ``map``, but may do so in parallel.

        Returns:
            32 hexadecimal digits.
        """
        columns = [column for _, slots in sorted(self.columns.items()) for column in slots]
        whole = hashlib.blake2b(repr(self.source_names).encode(), digest_size=16)
        whole.update(_hashed(self.source_codes))
        whole.update(_hashed_texts(self.record_ids))
        for digest in map_(_digest, columns):
            whole.update(digest)
        return whole.hexdigest()


def _digest(column: Column) -> bytes:
    found = hashlib.blake2b(f"{column.role} {column.slot}".encode(), digest_size=16)
    found.update(_hashed_texts(column.values))
    found.update(_hashed(column.codes))
    return found.digest()


def _hashed(numbers: npt.NDArray[Any]) -> bytes:
    return hash128(np.ascontiguousarray(numbers).view(np.uint8))


def _hashed_texts(texts: pa.StringArray) -> bytes:
    offsets, data = Spans.of(texts).packed()
    return _hashed(np.diff(offsets)) + hash128(data[offsets[0] : offsets[-1]])


def build_records(
    sources: Sequence[SourceTable],
    roles: Sequence[SourceRoles],
    map_: Mapper = map,
    *,
    release: bool = False,
    ahead: Ahead | None = None,
    alone: bool = False,
) -> tuple[Records, list[Rejected]]:
    """Makes records of source tables.

    Every row becomes a record or is rejected, because a row of its source has its record id already. The
    result does not depend on the order of rows, columns or sources, nor on ``map_``.

    Args:
        sources: The tables, in any order, each with its own name.
        roles: What their columns are, in the same order.
        map_: Runs independent pieces of work; like ``map``, but may do so in parallel.
        release: Whether ``sources`` is a list that may be emptied, so that tables are freed as soon as they
            are not needed any more.
        ahead: Where the texts of some columns are numbered already, or are being so.
        alone: Whether a record says what it says whatever others say: digests stay digests, beside those of contacts
            known in clear, and names stay where they are written.

    Returns:
        The records, and the rejected rows.

    Example:
        >>> import pyarrow as pa
        >>> from cxm_sdk.identity.roles.all_sources import ColumnRole, SourceRoles
        >>> table = pa.table({"id": ["2", "1"], "mail": ["ADA@example.com", " ada@example.com"]})
        >>> mail = ColumnRole("mail", "email", "map", None)
        >>> roles = [SourceRoles("crm", "id", (mail,), ())]
        >>> records, rejected = build_records([SourceTable("crm", table, None)], roles)
        >>> records.record_ids.to_pylist(), records.columns["email"][0].values.to_pylist()
        (['1', '2'], ['ada@example.com'])
    """
    order = sorted(range(len(sources)), key=lambda index: sources[index].name)
    tables = [sources[index] for index in order]
    described = [roles[index] for index in order]
    if release and isinstance(sources, list):
        sources.clear()
    slot_warnings: list[str] = []
    groups = _groups(tables, described, slot_warnings)
    cells = [cell for group in groups for cell in group.cells]
    keys, numbered = _keys_and_texts(tables, described, cells, map_, ahead)
    parts = [[numbered.pop(0) for _ in group.cells] for group in groups]
    warnings: list[str] = []
    rejected = _rejected(tables, keys, warnings)
    warnings += slot_warnings
    names = [table.name for table in tables]
    del tables
    columns = _columns(groups, parts, [key.rows for key in keys], map_, alone)
    sizes = [len(key.ids) for key in keys]
    records = Records(
        names,
        np.repeat(np.arange(len(names), dtype=np.int32), sizes),
        pa.concat_arrays([key.ids for key in keys]) if keys else pa.array([], pa.string()),
        columns,
        warnings,
        with_digests(columns) if alone else {},
    )
    return records, rejected


class Ahead:
    """Numbers the texts of columns that may be needed, until it is known which are.

    Args:
        sources: The tables; a list that is emptied later.
    """

    def __init__(self, sources: Sequence[SourceTable]) -> None:
        self._sources = sources
        self._known = Event()
        # Who numbers holds it. It is one of C, which an interrupt cannot leave half open.
        self._busy = Lock()
        self._ours: dict[tuple[str, str], bool] = {}
        self._found: dict[tuple[str, str], Numbered] = {}

    def work(self) -> None:
        """Numbers one column after the other, on a thread of its own, beside whoever finds out what they are."""
        with self._busy:
            for source in list(self._sources):
                # Ids tend to come first, and are not compared.
                for name in reversed(source.table.column_names):
                    if self._known.is_set():
                        return
                    if pa.types.is_list(source.table.schema.field(name).type):
                        continue
                    if self._ours.setdefault((source.name, name), True):
                        with suppress(ColumnError):  # it is too large, which matters only if it is needed
                            self._found[source.name, name] = number_texts(source.table.column(name), name)

    def end(self) -> None:
        """Says that the columns are known; the one in hand is still numbered."""
        self._known.set()

    def has(self, source: str, column: str) -> bool:
        """Whether a column is numbered here, or is being so; where not, it will never be, and the caller has to."""
        return self._ours.setdefault((source, column), False)

    def take(self, source: str, column: str) -> Numbered | None:
        """A column that is numbered here, as soon as it is; None where it is too large. It can be had once."""
        with self._busy:
            return self._found.pop((source, column), None)


def _keys_and_texts(
    tables: Sequence[SourceTable],
    described: Sequence[SourceRoles],
    cells: Sequence[Cell],
    map_: Mapper,
    ahead: Ahead | None,
) -> tuple[list[RecordKeys], list[Numbered]]:
    """Names the records of each source and numbers the texts of each cell.

    What takes longest starts first, so that no worker waits at the end; and what is numbered ahead is asked for last.
    """
    works: list[Callable[[], Any]] = []
    costs: list[int] = []
    for table, roles in zip(tables, described, strict=True):
        works.append(partial(record_keys, table, roles.record_id))
        costs.append(2 * table.table.column(roles.record_id).nbytes if roles.record_id else 0)
    missing = [
        at
        for at, cell in enumerate(cells)
        if ahead is None or cell.element is not None or not ahead.has(tables[cell.source].name, cell.column)
    ]
    for cell in (cells[at] for at in missing):
        column = tables[cell.source].table.column(cell.column)
        works.append(partial(number_texts, column, cell.column, cell.element))
        costs.append(column.nbytes)
    order = sorted(range(len(works)), key=lambda at: -costs[at])
    done = dict(zip(order, map_(lambda at: works[at](), order), strict=True))
    found = {at: done[len(tables) + place] for place, at in enumerate(missing)}
    numbered: list[Numbered] = []
    for at, cell in enumerate(cells):
        source = tables[cell.source]
        texts = found.pop(at, None) or (ahead and ahead.take(source.name, cell.column))
        numbered.append(texts or number_texts(source.table.column(cell.column), cell.column, cell.element))
    return [done[at] for at in range(len(tables))], numbered


def _rejected(
    tables: Sequence[SourceTable], keys: Sequence[RecordKeys], warnings: list[str]
) -> list[Rejected]:
    rejected: list[Rejected] = []
    detail = "expected each record id once in a source, got another row with the id of this one"
    for table, key in zip(tables, keys, strict=True):
        if key.made_up:
            warnings.append(
                f"source {table.name}: {key.made_up} rows have no record id and got one made from content"
            )
        rejected.extend(
            Rejected(table.name, row.row, "duplicate_record_id", detail, row.raw) for row in key.refused
        )
    return rejected


def _groups(
    tables: Sequence[SourceTable], described: Sequence[SourceRoles], warnings: list[str]
) -> list[Group]:
    """Gives columns their slots and puts those together that follow one rule."""
    groups: dict[tuple[str, str | None, bool], Group] = {}
    for source, (table, roles) in enumerate(zip(tables, described, strict=True)):
        slots: dict[str, int] = {}
        for column in roles.columns:
            order = column.date_order if column.role == "birth_date" else None
            key = (column.role, order, column.role == "full_name" and column.last_first)
            group = groups.setdefault(key, Group(*key))
            for element in _elements(table.table.column(column.column)):
                slot = slots.get(column.role, 0)
                slots[column.role] = slot + 1
                if slot < MAX_SLOTS:
                    group.cells.append(Cell(source, column.column, slot, element))
                elif slot == MAX_SLOTS:
                    warnings.append(
                        f"source {table.name}: more than {MAX_SLOTS} values of role {column.role}; "
                        f"column {column.column} and what follows is used in part or not at all"
                    )
    # A column of empty lists only has no cells.
    groups = {key: group for key, group in groups.items() if group.cells}
    roles_held = {role for role, *_ in groups}
    for group in groups.values():
        group.keep_lines = "house_number" in roles_held
        group.cells.sort(key=lambda cell: (cell.slot, cell.source))
    return [
        group
        for _, group in sorted(groups.items(), key=lambda item: (item[0][0], item[0][1] or "", item[0][2]))
    ]


def _elements(column: pa.ChunkedArray) -> list[int | None]:
    """Elements of a list column that get a slot; None for a column of strings."""
    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        return [None]
    longest = max(
        (int(np.max(chunk.value_lengths().fill_null(0), initial=0)) for chunk in column.chunks), default=0
    )
    return list(range(min(longest, MAX_SLOTS + 1)))


def _columns(
    groups: list[Group],
    parts: list[list[Numbered]],
    rows: list[npt.NDArray[np.int64]],
    map_: Mapper,
    alone: bool,
) -> dict[str, list[Column]]:
    # What takes longest starts first, so that no worker waits at the end.
    sizes = [sum(int(part.texts.lengths.sum()) for part in own) for own in parts]
    order = sorted(range(len(groups)), key=lambda at: -sizes[at])
    found = list(map_(lambda at: encode(groups[at], parts[at], rows), order))
    encoded: list[Encoded] = [
        part for _, part in sorted(zip(order, found, strict=True), key=lambda pair: pair[0])
    ]
    if not alone:
        encoded = read_digests(encoded)
    texts = {part.role: len(part.raw) for part in encoded}
    wanted = outputs(groups)
    largest = sorted(wanted, key=lambda role: -texts.get(role, 0))
    joined = dict(zip(largest, map_(lambda role: unify(role, encoded), largest), strict=True))
    columns = {role: joined[role] for role in wanted if joined[role]}
    return columns if alone else names_in_order(columns, _of_one_word(encoded), map_)


def _of_one_word(encoded: Sequence[Encoded]) -> npt.NDArray[np.int32]:
    """Records whose full name is one word, which is a first name as far as it goes."""
    rows = [np.empty(0, np.int32)]
    for part in encoded:
        if part.role == "full_name":
            first, last = (part.forms[role] for role in ("first_name", "last_name"))
            single = np.asarray(pc.and_(first.is_valid(), last.is_null())).view(np.uint8)
            rows.append(rows_where(part.slots[0], single))
    return np.concatenate(rows)
