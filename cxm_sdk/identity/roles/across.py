"""What the roles of several sources tell about each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Final

import pyarrow as pa

from cxm_sdk.identity.roles.column_values import ColumnValues, sample_rows
from cxm_sdk.identity.roles.headers import folded_name, match_header, says_last_first
from cxm_sdk.identity.roles.inference import ColumnRole, SourceRoles
from cxm_sdk.identity.roles.known_values import plain_word
from cxm_sdk.identity.roles.name_votes import KnownNames, are_exchanged, stands_last_first
from cxm_sdk.identity.sources import SourceTable

__all__ = ["agree_on_dates", "agree_on_names", "link_record_ids", "part_namespaces"]

# What two records of one somebody mostly share; an identifier whose bearers share none of it is two.
_TELLING: Final = (
    "last_name",
    "full_name",
    "company",
    "email",
    "first_name",
    "phone",
    "birth_date",
    "postcode",
)
_NUMBERED: Final = frozenset(("user_id", "crm_id", "loyalty_id", "account_id", "household_id"))
_FEWEST: Final = 20  # pairs to judge by
_LEAST_AGREEMENT: Final = 0.2
_ROWS: Final = 6_000


def agree_on_dates(roles: Sequence[SourceRoles], open_orders: Sequence[Collection[str]]) -> list[SourceRoles]:
    """Reads dates that could stand in two orders as the other sources write theirs.

    Args:
        roles: The roles of each source.
        open_orders: For each source, the columns whose order only the country was asked for.

    Returns:
        The roles, with the order that most other columns of birth dates prove.

    >>> sure = SourceRoles("a", None, (ColumnRole("dob", "birth_date", "header", "mdy"),), ())
    >>> guessed = SourceRoles("b", None, (ColumnRole("dob", "birth_date", "header", "dmy"),), ())
    >>> agree_on_dates([sure, guessed], [set(), {"dob"}])[1].columns[0].date_order
    'mdy'
    """
    proven = Counter(
        column.date_order
        for source, unsure in zip(roles, open_orders, strict=True)
        for column in source.columns
        if column.date_order in ("dmy", "mdy") and column.column not in unsure
    )
    if not proven or proven["dmy"] == proven["mdy"]:
        return list(roles)
    order = "dmy" if proven["dmy"] > proven["mdy"] else "mdy"
    return [
        replace(
            source,
            columns=tuple(
                replace(column, date_order=order) if column.column in unsure and column.date_order else column
                for column in source.columns
            ),
        )
        for source, unsure in zip(roles, open_orders, strict=True)
    ]


def agree_on_names(
    roles: Sequence[SourceRoles], values: Sequence[Mapping[str, ColumnValues]]
) -> list[SourceRoles]:
    """Finds columns that hold each other's names, and those of full names with the last name in front.

    Args:
        roles: The roles of each source.
        values: For each source what its columns hold.

    Returns:
        The roles, with the order of each column of full names.

    >>> import pyarrow as pa
    >>> def of(name, role):
    ...     return SourceRoles(name, None, (ColumnRole("name", role, "header"),), ())
    >>> def holding(*names):
    ...     return {"name": ColumnValues(pa.chunked_array([names]))}
    >>> crm, shop = holding(*(f"Hak{i}" for i in range(20))), holding(*(f"Hak{i} Maria" for i in range(20)))
    >>> agree_on_names([of("crm", "last_name"), of("shop", "full_name")], [crm, shop])[1].columns[0].last_first
    True
    """
    roles = [_with_names_in_place(source, known) for source, known in zip(roles, values, strict=True)]
    held = dict[str, list[ColumnValues]]()
    for source, known in zip(roles, values, strict=True):
        for column in source.columns:
            if column.role in ("first_name", "last_name", "full_name"):
                held.setdefault(column.role, []).append(known[column.column])
    if "full_name" not in held:
        return roles
    names = KnownNames(held.get("first_name", ()), held.get("last_name", ()))
    return [
        replace(
            source,
            columns=tuple(
                replace(
                    column,
                    last_first=stands_last_first(
                        known[column.column].texts, names, said=says_last_first(column.column)
                    ),
                )
                if column.role == "full_name"
                else column
                for column in source.columns
            ),
        )
        for source, known in zip(roles, values, strict=True)
    ]


def _with_names_in_place(source: SourceRoles, known: Mapping[str, ColumnValues]) -> SourceRoles:
    """Exchanges the roles of a column of first and one of last names that hold each other's, unless they were given."""
    turned = {"first_name": "last_name", "last_name": "first_name"}
    columns = {column.role: column for column in source.columns if column.role in turned}
    if len(columns) < 2 or sum(column.role in turned for column in source.columns) > 2:
        return source
    first, last = columns["first_name"], columns["last_name"]
    if "map" in (first.reason, last.reason) or not are_exchanged(known[first.column], known[last.column]):
        return source
    return replace(
        source,
        columns=tuple(
            replace(column, role=turned[column.role], reason="content") if column.role in turned else column
            for column in source.columns
        ),
    )


def link_record_ids(roles: Sequence[SourceRoles]) -> list[SourceRoles]:
    """Lets the plain id of one source be what another source calls by that source's name.

    Args:
        roles: The roles of each source.

    Returns:
        The roles, where ``id`` of the source ``customers`` also plays the role of ``customer_id`` elsewhere.

    >>> customers = SourceRoles("customers", "id", (ColumnRole("mail", "email", "header"),), ())
    >>> orders = SourceRoles("orders", None, (ColumnRole("customer_id", "crm_id", "header"),), ())
    >>> link_record_ids([customers, orders])[0].columns[0]
    ColumnRole(column='id', role='crm_id', reason='header', date_order=None, last_first=False)
    """
    linked = []
    for source in roles:
        name, column = folded_name(source.source), source.record_id
        if column is not None and match_header(column).role == "record_id":
            wanted = {f"{name}_id", f"{name.removesuffix('s')}_id"}
            found = {
                other.role
                for others in roles
                if others is not source
                for other in others.columns
                if folded_name(other.column) in wanted
            }
            own = {known.role for known in source.columns}
            extra = tuple(ColumnRole(column, role, "header") for role in sorted(found - own))
            source = replace(source, columns=extra + source.columns)
        linked.append(source)
    return linked


def part_namespaces(sources: Sequence[SourceTable], roles: Sequence[SourceRoles]) -> list[SourceRoles]:
    """Parts identifiers that two sources call by one name but give to different people.

    Two systems that both count their customers from 1 share numbers, not customers. Such a role becomes
    one role for each source, so that it still joins records within its source.

    Args:
        sources: The sources as they were read.
        roles: Their roles, in the same order.

    Returns:
        The roles.

    >>> def numbered(name, letter):
    ...     rows = [str(i) for i in range(40)]
    ...     table = pa.table({"customer_id": rows, "mail": [f"{letter}{i}@x.org" for i in rows]})
    ...     columns = (ColumnRole("customer_id", "crm_id", "header"), ColumnRole("mail", "email", "header"))
    ...     return SourceTable(name, table, None), SourceRoles(name, None, columns, ())
    >>> tables, roles = zip(numbered("shop", "a"), numbered("till", "b"))
    >>> [found.columns[0].role for found in part_namespaces(tables, roles)]
    ['id:shop_customer_id', 'id:till_customer_id']
    """
    parted = set[str]()

    @cache
    def bearers(place: int, role: str) -> _Bearers:
        return _Bearers(sources[place], roles[place], role)

    for ours, theirs in combinations(range(len(sources)), 2):
        for role in sorted(_numbered(roles[ours]) & _numbered(roles[theirs]) - parted):
            if _are_different(bearers(ours, role), bearers(theirs, role)):
                parted.add(role)
    return [
        replace(
            source,
            columns=tuple(
                replace(column, role=f"id:{folded_name(source.source)}_{folded_name(column.column)}")
                if column.role in parted and column.reason != "map"
                else column
                for column in source.columns
            ),
        )
        for source in roles
    ]


def _numbered(roles: SourceRoles) -> set[str]:
    return {
        column.role
        for column in roles.columns
        if (column.role in _NUMBERED or column.role.startswith("id:")) and column.reason != "map"
    }


class _Bearers:
    """Who bears the values of an identifier in one source: one row for each value of a sample of values."""

    def __init__(self, source: SourceTable, roles: SourceRoles, role: str) -> None:
        key = next(column.column for column in roles.columns if column.role == role)
        self.columns: Mapping[str, str] = {
            column.role: column.column for column in reversed(roles.columns) if column.role in _TELLING
        }
        names = list(dict.fromkeys([key, *self.columns.values()]))
        # Rows are chosen by the identifier alone, so that both sources choose the same values.
        self._sample: pa.Table = sample_rows(source.table.select(names), [key], _ROWS)
        cells = self._sample[key].to_pylist()
        self.rows = {
            cell.strip(): row for row, cell in enumerate(cells) if isinstance(cell, str) and cell.strip()
        }

    def values(self, role: str, shared: Sequence[str]) -> list[str | None]:
        """Gives the values of one role for some values of the identifier."""
        rows = pa.array([self.rows[value] for value in shared], pa.int64())
        cells = self._sample[self.columns[role]].take(rows).to_pylist()
        return [plain_word(cell) if isinstance(cell, str) and cell.strip() else None for cell in cells]


def _are_different(ours: _Bearers, theirs: _Bearers) -> bool:
    """Whether those who bear the same value are hardly ever alike in anything."""
    shared = sorted(ours.rows.keys() & theirs.rows.keys())
    if len(shared) < _FEWEST:
        return False
    agreements = list(_agreements(ours, theirs, shared))
    return bool(agreements) and max(agreements) < _LEAST_AGREEMENT


def _agreements(ours: _Bearers, theirs: _Bearers, shared: Sequence[str]) -> Iterator[float]:
    for role in _TELLING:
        if role in ours.columns and role in theirs.columns:
            pairs = zip(ours.values(role, shared), theirs.values(role, shared), strict=True)
            held = [first == second for first, second in pairs if first is not None and second is not None]
            if len(held) >= _FEWEST:
                yield sum(held) / len(held)
