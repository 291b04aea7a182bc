"""Which column plays which role: told from its header, checked against its values."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pyarrow as pa

from cxm_sdk.errors import ColumnError
from cxm_sdk.identity.column_values import ColumnValues, count_values, sample_rows
from cxm_sdk.identity.headers import HeaderMatch, folded_name, match_header
from cxm_sdk.identity.records import SourceTable
from cxm_sdk.identity.role_checks import IDENTIFIERS, Verdict, check, guess, is_identifier

__all__ = ["ROLES", "ColumnRole", "SourceRoles", "infer_all_roles", "infer_roles"]

ROLES: Final = (
    "first_name", "middle_name", "last_name", "full_name", "suffix", "birth_date", "birth_day", "birth_month",
    "birth_year", "sex", "email", "phone", "street", "house_number", "unit", "city", "postcode", "state", "country",
    "national_id", "company", "user_id", "crm_id", "loyalty_id", "device_id", "anonymous_id", "account_id",
    "household_id", "email_sha256", "phone_sha256",
)  # fmt: skip
"""Every role but ``id:NAME``, which an identifier of any other kind plays."""

_ADDRESS: Final = frozenset(("street", "house_number", "unit", "city", "postcode", "state", "country"))
_UNIQUE: Final = 0.98  # share of a record id's values that are distinct, and of its rows that hold one
_ROWS_OF_ONE: Final = 20.0  # rows that may share one value of an identifier, on average
_ID_ROWS: Final = 6_000


@dataclass(frozen=True)
class ColumnRole:
    """The role one column plays.

    Attributes:
        column: Name of the column.
        role: Name of the role, one of ``ROLES`` or ``id:NAME``.
        reason: ``map``, ``header``, ``content`` or ``header+content``.
        date_order: For a birth date ``ymd``, ``dmy`` or ``mdy``: how to read a date whose parts could stand
            in more than one order; else None.
    """

    column: str
    role: str
    reason: str
    date_order: str | None = None


@dataclass(frozen=True)
class SourceRoles:
    """The roles of all columns of one source.

    Attributes:
        source: Name of the source.
        record_id: The column that tells its records apart; None for the numbers of its rows.
        columns: The columns that play a role, in the order of the table; several may play the same.
        unused: Every other column, and why.
    """

    source: str
    record_id: str | None
    columns: tuple[ColumnRole, ...]
    unused: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Finding:
    """What is known of one column while the table as a whole is weighed."""

    column: str
    values: ColumnValues
    match: HeaderMatch
    verdict: Verdict


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
        ColumnError: If a role or column is unknown, or if no column of a source plays a role.

    >>> sources = [SourceTable("a", pa.table({"mail": ["a@x.org"]}), None)]
    >>> infer_all_roles(sources)[0].columns[0].role
    'email'
    """
    wanted = _wanted(sources, list(mapping.items()) if isinstance(mapping, Mapping) else list(mapping))
    ignored = {place for name in ignore for place in _places(sources, name, "--ignore")}
    ids = dict[str, str]()
    if id_column is not None:
        ids = dict(_places(sources, id_column, "--id-column"))
    for source, column, role in wanted:
        if role == "record_id":
            ids[source] = column
    return [
        _Inference(
            source,
            {column: role for name, column, role in wanted if name == source.name and role != "record_id"},
            {column for name, column in ignored if name == source.name},
            ids.get(source.name),
        ).roles()
        for source in sources
    ]


def _wanted(
    sources: Sequence[SourceTable], mapping: Sequence[tuple[str, str]]
) -> list[tuple[str, str, str]]:
    """Gives source, column and role of all that was mapped by hand."""
    wanted = []
    for role, name in mapping:
        if role not in (*ROLES, "record_id") and not (role.startswith("id:") and len(role) > 3):
            close = difflib.get_close_matches(role, ROLES, n=3)
            raise ColumnError(
                f"--map {role}={name}: {role!r} is no role.",
                hint=f"did you mean {' or '.join(close)}?" if close else f"roles are {', '.join(ROLES)} and id:NAME.",
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


class _Inference:
    """Weighs the columns of one source against each other."""

    def __init__(self, source: SourceTable, mapped: dict[str, str], ignored: set[str], id_column: str | None) -> None:
        self._source = source
        self._mapped = mapped
        self._ignored = ignored
        self._id_column = id_column
        self._unused = dict[str, str]()
        self._distinct = dict[str, float]()
        self._roles = dict[str, tuple[str, str]]()  # column: role, reason

    def roles(self) -> SourceRoles:
        """Gives the roles of all columns."""
        findings = list(self._findings())
        for finding in findings:
            self._roles[finding.column] = (finding.verdict.role, finding.verdict.reason)
        self._settle_parties(findings)
        self._settle_names(findings)
        self._settle_duplicates(findings)
        record_id = self._id_column or self._find_record_id(findings)
        self._settle_identifiers(findings, record_id)
        self._apply_mapping()
        columns = tuple(self._column_roles(findings))
        if not columns:
            raise ColumnError(
                f"Source {self._source.name!r}: none of its {self._source.table.num_columns} columns "
                f"({', '.join(map(repr, self._source.table.column_names[:12]))}) plays a known role.",
                hint="name the role of a column with --map, such as --map email=COLUMN.",
            )
        unused = tuple(
            (name, self._unused.get(name, "not recognised"))
            for name in self._source.table.column_names
            if name not in self._roles and name != record_id
        )
        return SourceRoles(self._source.name, record_id, columns, unused)

    def _findings(self) -> Iterator[_Finding]:
        """Reads every column for itself."""
        sample = sample_rows(self._source.table)
        for name in self._source.table.column_names:
            match = match_header(name)
            if name in self._ignored:
                self._unused[name] = "left out on request"
                continue
            values = ColumnValues(sample[name])
            if name in self._mapped:
                yield _Finding(name, values, match, Verdict(self._mapped[name], "map"))
                continue
            verdict = check(match, values) or guess(match, values)
            if verdict.role:
                yield _Finding(name, values, match, verdict)
            else:
                self._unused[name] = verdict.reason
                if match.role == "record_id" or match.role.startswith("id:"):
                    yield _Finding(name, values, match, Verdict("", verdict.reason))

    def _having(self, findings: Sequence[_Finding], *roles: str) -> list[_Finding]:
        return [finding for finding in findings if self._role(finding.column) in roles]

    def _role(self, column: str) -> str:
        return self._roles.get(column, ("", ""))[0]

    def _drop(self, column: str, why: str) -> None:
        if self._roles.get(column, ("", ""))[1] != "map" and self._roles.pop(column, None):
            self._unused[column] = why

    def _settle_parties(self, findings: Sequence[_Finding]) -> None:
        """Leaves out what belongs to somebody else, unless the table is about nobody else."""
        telling = [f for f in findings if f.verdict.role and f.match.role not in ("record_id", "truth")]
        own = {self._role(f.column) for f in telling if not f.match.party}
        if own & {"first_name", "last_name", "full_name", "name", "company", "email", "phone", "street"}:
            for finding in telling:
                if finding.match.party:
                    self._drop(finding.column, f"belongs to somebody else ({finding.match.party})")
        if any(f.verdict.role in _ADDRESS and not f.match.workplace and not f.match.party for f in telling):
            for finding in telling:
                if finding.match.workplace and finding.verdict.role in _ADDRESS:
                    self._drop(finding.column, "address of the place of work; the table has another")

    def _settle_names(self, findings: Sequence[_Finding]) -> None:
        """Tells what a column called "name" names, and drops what only says names again."""
        first, last = self._having(findings, "first_name"), self._having(findings, "last_name")
        for finding in self._having(findings, "name"):
            role = _name_role(finding.values, bool(first), bool(last), bool(self._having(findings, "company")))
            self._roles[finding.column] = (role, "header+content")
        first, last = self._having(findings, "first_name"), self._having(findings, "last_name")
        if first and last:
            for finding in self._having(findings, "full_name"):
                self._drop(finding.column, f"says again what {first[0].column} and {last[0].column} say")

    def _settle_duplicates(self, findings: Sequence[_Finding]) -> None:
        """Drops the weaker of two columns that say the same."""
        strong = [f for f in self._having(findings, "company") if not f.match.weak]
        if strong:
            for finding in self._having(findings, "company"):
                if finding.match.weak:
                    self._drop(finding.column, f"{strong[0].column} names the organisation")
        streets = self._having(findings, "street")
        precise = [f for f in streets if not f.match.whole]
        if precise:
            for finding in streets:
                if finding.match.whole and not finding.verdict.reason == "content":
                    self._drop(finding.column, f"says again what {precise[0].column} says")
        parts = self._having(findings, "birth_day", "birth_month", "birth_year")
        dates = self._having(findings, "birth_date")
        for finding in parts:
            if dates and finding.values.filled <= max(date.values.filled for date in dates):
                self._drop(finding.column, f"says again what {dates[0].column} says")

    def _find_record_id(self, findings: Sequence[_Finding]) -> str | None:
        """Finds the column whose header means a record's number and whose values are distinct."""
        ranks = {"record_id": 0, f"id:{folded_name(self._source.name)}_id": 0, "crm_id": 1, "user_id": 1}
        ranks |= {"loyalty_id": 1, "account_id": 2, "anonymous_id": 2, "device_id": 2}
        candidates = []
        for place, finding in enumerate(findings):
            role = finding.match.role
            rank = ranks.get(role, 3 if role.startswith("id:") or finding.match.key else None)
            if folded_name(finding.column) == f"{folded_name(self._source.name)}_id":
                rank = 0
            if rank is not None and finding.column not in self._mapped:
                candidates.append((rank, place, finding))
        for _, _, finding in sorted(candidates, key=lambda candidate: candidate[:2]):
            if finding.values.filled >= _UNIQUE and self._distinct_share(finding.column) >= _UNIQUE:
                return finding.column
        return None

    def _distinct_share(self, column: str) -> float:
        """Gives distinct values per row that holds one, from rows chosen by this very value."""
        if column not in self._distinct:
            table = self._source.table.select([column])
            counted = count_values(sample_rows(table, [column], _ID_ROWS)[column])
            self._distinct[column] = len(counted) / max(1, sum(counted.values()))
        return self._distinct[column]

    def _settle_identifiers(self, findings: Sequence[_Finding], record_id: str | None) -> None:
        """Keeps identifiers that name somebody, drops codes that many share and mere row numbers."""
        for finding in findings:
            column, role = finding.column, self._role(finding.column)
            if finding.match.role == "record_id" and role in ("record_id", ""):
                self._settle_plain_id(finding, record_id)
            elif role in IDENTIFIERS or role.startswith("id:"):
                rows_of_one = finding.values.rows_of_one(self._source.table.num_rows)
                if not is_identifier(role, finding.values, rows_of_one):
                    self._drop(column, "few values, each shared by many rows")

    def _settle_plain_id(self, finding: _Finding, record_id: str | None) -> None:
        """A record's own number means nothing elsewhere; several rows with one are records of one somebody."""
        column = finding.column
        self._roles.pop(column, None)
        if column == record_id:
            return
        words = folded_name(column).split("_")
        if not words[-1].endswith("id"):
            self._unused[column] = "a number of the record, not of anybody"
            return
        share = self._distinct_share(column)
        if share < _UNIQUE and is_identifier("id:id", finding.values, 1 / max(share, 1e-9)):
            self._roles[column] = (f"id:{folded_name(self._source.name)}_{'_'.join(words)}", "header+content")
        else:
            self._unused[column] = "a number of the record, not of anybody" if share >= _UNIQUE else "not an identifier"

    def _apply_mapping(self) -> None:
        """A role that was mapped by hand is played by the columns named and by no other."""
        for role in set(self._mapped.values()):
            for column in [name for name, (other, _) in self._roles.items() if other == role]:
                self._drop(column, f"--map names another column for {role}")
        for column, role in self._mapped.items():
            self._roles[column] = (role, "map")

    def _column_roles(self, findings: Sequence[_Finding]) -> Iterator[ColumnRole]:
        values = {finding.column: finding.values for finding in findings}
        for name in self._source.table.column_names:
            if name in self._roles:
                role, reason = self._roles[name]
                order = self._date_order(values[name], findings) if role == "birth_date" else None
                yield ColumnRole(name, role, reason, order)

    def _date_order(self, dates: ColumnValues, findings: Sequence[_Finding]) -> str:
        """Tells the order of day and month, from this column, else its neighbours, else the country."""
        if dates.dates.order:
            return dates.dates.order
        others = [v.dates.order for v in self._all_dates() if v.dates.share > 0.5]
        for order in ("mdy", "dmy"):
            if order in others:
                return order
        if dates.dates.dotted:
            return "dmy"
        return "mdy" if self._is_american(findings) else "dmy"

    def _all_dates(self) -> Iterator[ColumnValues]:
        sample = sample_rows(self._source.table)
        return (ColumnValues(sample[name]) for name in self._source.table.column_names)

    def _is_american(self, findings: Sequence[_Finding]) -> bool:
        from cxm_sdk.identity import values_known

        countries = self._having(findings, "country")
        if countries:
            return countries[0].values.among(values_known.COUNTRIES_OF_MONTH_FIRST) > 0.5
        states = self._having(findings, "state")
        if states:
            return states[0].values.among(values_known.US_STATES) > 0.7
        phones = self._having(findings, "phone")
        return bool(phones) and phones[0].values.share(lambda text: text.startswith("+1")) > 0.5


def _name_role(values: ColumnValues, has_first: bool, has_last: bool, has_company: bool) -> str:
    """Tells what a column called "name" names."""
    if values.organisations >= 0.15 and not has_company:
        return "company"
    one_word = values.single_words >= 0.6
    if has_last and not has_first:
        return "first_name" if one_word else "full_name"
    if has_first and not has_last:
        return "last_name" if one_word else "full_name"
    if has_company or values.given_names >= 0.05:
        return "full_name"
    if values.organisations >= 0.03 or values.person_shaped < 0.5:
        return "company"
    return "full_name"
