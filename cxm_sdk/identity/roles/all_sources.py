"""The roles of the columns of all sources, which agree with one another and with what was told by hand."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from cxm_sdk.errors import ColumnError
from cxm_sdk.identity.roles.across import agree_on_dates, agree_on_names, link_record_ids, part_namespaces
from cxm_sdk.identity.roles.headers import folded_name
from cxm_sdk.identity.roles.inference import ColumnRole, Inference, SourceRoles
from cxm_sdk.identity.sources import SourceTable

__all__ = ["ROLES", "ColumnRole", "SourceRoles", "infer_all_roles", "infer_roles"]

ROLES: Final = (
    "first_name", "middle_name", "last_name", "full_name", "suffix", "birth_date", "birth_day",
    "birth_month", "birth_year", "birth_place", "sex", "email", "phone", "street", "house_number", "unit",
    "city", "postcode", "state", "country", "national_id", "company", "user_id", "crm_id", "loyalty_id",
    "device_id", "anonymous_id", "account_id", "household_id", "email_sha256", "phone_sha256",
)  # fmt: skip
"""Every role but ``id:NAME``, which an identifier of any other kind plays."""


def infer_roles(
    source: SourceTable,
    *,
    mapping: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    ignore: Collection[str] = (),
    id_column: str | None = None,
) -> SourceRoles:
    """Finds the role of every column of one source.

    Args:
        source: The source as it was read.
        mapping: Roles and the columns that play them, whatever header and values say; a column may be named
            ``source.column``.
        ignore: Columns to leave out.
        id_column: The column that tells records apart; None to find it.

    Returns:
        The roles.

    Raises:
        ColumnError: If a role or column is unknown, or if no column plays a role.

    >>> import pyarrow as pa
    >>> table = pa.table({"id": ["1", "2"], "Vorname": ["Ada", "Alan"], "mail": ["a@x.org", "b@x.org"]})
    >>> roles = infer_roles(SourceTable("crm", table, None))
    >>> roles.record_id, [(column.column, column.role) for column in roles.columns]
    ('id', [('Vorname', 'first_name'), ('mail', 'email')])
    """
    return infer_all_roles([source], mapping=mapping, ignore=ignore, id_column=id_column)[0]


def infer_all_roles(
    sources: Sequence[SourceTable],
    *,
    mapping: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    ignore: Collection[str] = (),
    id_column: str | None = None,
) -> list[SourceRoles]:
    """Finds the role of every column of all sources.

    Args:
        sources: The sources as they were read.
        mapping: Roles and the columns that play them. ``column`` means the column of every source that
            has it, ``source.column`` that of one source.
        ignore: Columns to leave out, named in the same way.
        id_column: The column that tells records apart in every source that has it; None to find it.

    Returns:
        The roles of each source, in the order given.

    Raises:
        ColumnError: If a role or column is unknown, if a column is both mapped and ignored, or if no column of a source
            plays a role.

    >>> import pyarrow as pa
    >>> sources = [SourceTable("a", pa.table({"mail": ["a@x.org"]}), None)]
    >>> infer_all_roles(sources)[0].columns[0].role
    'email'
    """
    wanted = _wanted(sources, list(mapping.items()) if isinstance(mapping, Mapping) else list(mapping))
    ignored = {place for name in ignore for place in _places(sources, name, "--ignore")}
    for source, column, role in wanted:
        if (source, column) in ignored:
            raise ColumnError(
                f"--map {role}={column}: the column of source {source!r} is to be ignored, too.",
                hint="leave out --map or --ignore for it.",
            )
    ids = dict[str, str]()
    if id_column is not None:
        ids = dict(_places(sources, id_column, "--id-column"))
    for source, column, role in wanted:
        if role == "record_id":
            ids[source] = column
    inferences = [
        Inference(
            source,
            {column: role for name, column, role in wanted if name == source.name and role != "record_id"},
            {column for name, column in ignored if name == source.name},
            ids.get(source.name),
        )
        for source in sources
    ]
    roles = [inference.roles() for inference in inferences]
    roles = agree_on_dates(roles, [inference.open_orders for inference in inferences])
    roles = agree_on_names(roles, [inference.values for inference in inferences])
    return part_namespaces(sources, link_record_ids(roles))


def _wanted(sources: Sequence[SourceTable], mapping: Sequence[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Gives source, column and role of all that was mapped by hand."""
    wanted = []
    for role, name in mapping:
        if role not in (*ROLES, "record_id") and not (role.startswith("id:") and len(role) > 3):
            close = difflib.get_close_matches(role, ROLES, n=3)
            raise ColumnError(
                f"--map {role}={name}: {role!r} is no role.",
                hint=f"did you mean {' or '.join(close)}?"
                if close
                else f"roles are {', '.join(ROLES)} and id:NAME.",
            )
        wanted += [(source, column, role) for source, column in _places(sources, name, f"--map {role}=")]
    return wanted


def _places(sources: Sequence[SourceTable], name: str, option: str) -> list[tuple[str, str]]:
    """Finds the sources and columns that a name given by hand means."""
    found = [(source.name, name) for source in sources if name in source.table.column_names]
    if found:
        return found
    for source in sources:
        column = name.removeprefix(f"{source.name}.")
        if column != name and column in source.table.column_names:
            found.append((source.name, column))
    if found:
        return found
    columns = sorted({column for source in sources for column in source.table.column_names})
    folded = [column for column in columns if folded_name(column) == folded_name(name)]
    close = folded or difflib.get_close_matches(name, columns, n=3, cutoff=0.5)
    raise ColumnError(
        f"{option} names the column {name!r}, which no source has.",
        hint=f"did you mean {' or '.join(close)}?" if close else f"columns are {', '.join(columns[:30])}.",
    )
