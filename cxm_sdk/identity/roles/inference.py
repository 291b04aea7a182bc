"""Weighs the columns of one source against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cxm_sdk.errors import ColumnError
from cxm_sdk.identity.roles import known_values
from cxm_sdk.identity.roles.checks import IDENTIFIERS, Verdict, check, guess, guess_beside, is_identifier
from cxm_sdk.identity.roles.column_values import ColumnValues, count_values, sample_rows
from cxm_sdk.identity.roles.headers import HeaderMatch, folded_name, match_header
from cxm_sdk.identity.sources import SourceTable

__all__ = ["ColumnRole", "Inference", "SourceRoles"]

_HEADLESS: Final = 3  # headers that say nothing, of which on a table without any other has none
_PERSON: Final = frozenset(("first_name", "last_name", "full_name", "name"))
_OWN: Final = _PERSON | {"company", "email", "phone", "street"}
_ADDRESS: Final = frozenset(("street", "house_number", "unit", "city", "postcode", "state", "country"))
# One value in all rows of these tells nothing within a source, but does between sources.
_MAY_BE_CONSTANT: Final = _ADDRESS | {"sex", "company"}
_NEVER_OURS: Final = frozenset(("geo", "ip", "isp"))  # where a network address is, not a person
_COUNTER_NAMES: Final = frozenset(("no", "nr", "num", "number", "numero", "nummer"))
_HASHES: Final = frozenset(("email_sha256", "phone_sha256"))
_KEYED: Final = 0.7  # share of values that are hexadecimal keys
_UNIQUE: Final = 0.98  # share of a record id's values that are distinct, and of its rows that hold one
_ID_ROWS: Final = 6_000
_ONE_WORD: Final = 0.6  # share of a name's values that are single words where it holds first or last names
_GIVEN: Final = 0.3  # share of known given names in what an unknown header that ends with "name" holds
_UNKNOWN: Final = "not recognised"
_CONSTANT_ROWS: Final = 20


@dataclass(frozen=True)
class ColumnRole:
    """The role one column plays.

    Attributes:
        column: Name of the column.
        role: Name of the role, one of ``ROLES`` or ``id:NAME``.
        reason: ``map``, ``header``, ``content`` or ``header+content``.
        date_order: For a birth date ``ymd``, ``dmy`` or ``mdy``: how to read a date whose parts could stand
            in more than one order; else None.
        last_first: Whether full names have the last name in front, without a comma behind it.
    """

    column: str
    role: str
    reason: str
    date_order: str | None = None
    last_first: bool = False


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


class Inference:
    """Finds the roles of one source.

    Args:
        source: The source as it was read.
        mapped: Columns and the roles given to them by hand.
        ignored: Columns to leave out.
        id_column: The column that tells records apart; None to find it.

    Attributes:
        open_orders: Columns of dates that could be read in two orders, once ``roles`` has run.
        values: What a sample of each column holds, once ``roles`` has run.

    >>> import pyarrow as pa
    >>> source = SourceTable("web", pa.table({"mail": ["a@x.org"]}), None)
    >>> Inference(source, {}, set(), None).roles().columns[0].role
    'email'
    """

    def __init__(
        self, source: SourceTable, mapped: Mapping[str, str], ignored: set[str], id_column: str | None
    ) -> None:
        self.open_orders = set[str]()
        self.values = dict[str, ColumnValues]()
        self._source = source
        self._mapped = mapped
        self._ignored = ignored
        self._id_column = id_column
        self._unused = dict[str, str]()
        self._distinct = dict[str, float]()
        self._hashes = dict[str, npt.NDArray[np.uint64]]()
        self._roles = dict[str, tuple[str, str]]()  # column: role, reason

    def roles(self) -> SourceRoles:
        """Gives the roles of all columns."""
        findings = list(self._findings())
        self.values = {finding.column: finding.values for finding in findings}
        for finding in findings:
            if finding.verdict.role:
                self._roles[finding.column] = (finding.verdict.role, finding.verdict.reason)
        self._settle_parties(findings)
        self._settle_names(findings)
        self._settle_duplicates(findings)
        self._settle_constants(findings)
        self._admit_numbers(findings)
        record_id = self._id_column or self._find_record_id(findings)
        self._settle_identifiers(findings, record_id)
        self._apply_mapping()
        columns = tuple(self._column_roles(findings))
        if not columns and self._source.table.num_rows:
            raise self._useless(record_id)
        unused = tuple(
            (name, self._unused.get(name, _UNKNOWN))
            for name in self._source.table.column_names
            if name not in self._roles and name != record_id
        )
        return SourceRoles(self._source.name, record_id, columns, unused)

    def _useless(self, record_id: str | None) -> ColumnError:
        """The error for a source of which no column can be used, with the reasons why."""
        names = [name for name in self._source.table.column_names if name != record_id]
        told = {name: why for name in names if (why := self._unused.get(name, _UNKNOWN)) != _UNKNOWN}
        if told:
            reasons = "; ".join(f"{name!r} ({why})" for name, why in list(told.items())[:12])
            return ColumnError(
                f"Source {self._source.name!r}: no column can be used to compare records: {reasons}.",
                hint="give columns whose values tell customers apart, or name the role of one with --map.",
            )
        return ColumnError(
            f"Source {self._source.name!r}: none of its {self._source.table.num_columns} columns "
            f"({', '.join(map(repr, self._source.table.column_names[:12]))}) plays a known role.",
            hint="name the role of a column with --map, such as --map email=COLUMN.",
        )

    def _findings(self) -> Iterator[_Finding]:
        """Reads every column for itself."""
        sample = sample_rows(self._source.table, hashes=self._hashes)
        headers = [match_header(name).role for name in self._source.table.column_names]
        headless = headers.count("vague") >= _HEADLESS and set(headers) <= {"vague", "record_id"}
        before = ""
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
            if headless and not verdict.role and match.role == "vague":
                role = guess_beside(before, values)
                verdict = Verdict(role, "content") if role else verdict
            before = verdict.role
            if not verdict.role and match.role in _HASHES and values.uuids > _KEYED:
                verdict = Verdict(f"id:{folded_name(name)}", "header+content")  # hashed in another way
            if verdict.role:
                yield _Finding(name, values, match, verdict)
            else:
                self._unused[name] = verdict.reason
                if match.role in ("record_id", "truth") or match.role.startswith("id:") or match.key:
                    yield _Finding(name, values, match, Verdict("", verdict.reason))

    def _having(self, findings: Sequence[_Finding], *roles: str) -> list[_Finding]:
        return [finding for finding in findings if self._role(finding.column) in roles]

    def _role(self, column: str) -> str:
        return self._roles.get(column, ("", ""))[0]

    def _drop(self, column: str, why: str) -> None:
        if column in self._roles and self._roles[column][1] != "map":
            del self._roles[column]
            self._unused[column] = why

    def _settle_parties(self, findings: Sequence[_Finding]) -> None:
        """Leaves out what belongs to somebody else, unless the table is about nobody else."""
        telling = [f for f in findings if f.verdict.role and f.match.role not in ("record_id", "truth")]
        own = {self._role(f.column) for f in telling if not f.match.party}
        for finding in telling:
            if finding.match.party in _NEVER_OURS:
                self._drop(finding.column, "where a network address is, not a person")
            elif finding.match.party and own & _OWN:
                self._drop(finding.column, f"belongs to somebody else ({finding.match.party})")
        if any(f.verdict.role in _ADDRESS and not f.match.workplace and not f.match.party for f in telling):
            for finding in telling:
                if finding.match.workplace and finding.verdict.role in _ADDRESS:
                    self._drop(finding.column, "address of the place of work; the table has another")

    def _settle_names(self, findings: Sequence[_Finding]) -> None:
        """Tells what a column called "name" names, and drops what only says names again."""
        first, last = self._having(findings, "first_name"), self._having(findings, "last_name")
        named = self._having(findings, "name")
        given = max((finding.values.given_names for finding in named), default=0.0)
        parted = len(named) > 1 and not first and not last and given >= _GIVEN
        parted = parted and all(finding.values.single_words >= _ONE_WORD for finding in named)
        for finding in named:
            own = finding.values.given_names
            if parted:
                role = "first_name" if own == given else "last_name"
            else:
                has_company = bool(self._having(findings, "company"))
                role = _name_role(finding.values, bool(first), bool(last), has_company)
            self._roles[finding.column] = (role, "header+content")
            if finding.match.weak and not parted and own < _GIVEN:
                self._drop(finding.column, _UNKNOWN)
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
                if finding.match.whole and finding.verdict.reason != "content":
                    self._drop(finding.column, f"says again what {precise[0].column} says")
        parts = self._having(findings, "birth_day", "birth_month", "birth_year")
        dates = self._having(findings, "birth_date")
        for finding in parts:
            if dates and finding.values.filled <= max(date.values.filled for date in dates):
                self._drop(finding.column, f"says again what {dates[0].column} says")

    def _settle_constants(self, findings: Sequence[_Finding]) -> None:
        for finding in findings:
            held = finding.values.held >= _CONSTANT_ROWS and finding.values.distinct == 1
            if held and self._role(finding.column) not in _MAY_BE_CONSTANT:
                self._drop(finding.column, "holds one value in all rows")

    def _find_record_id(self, findings: Sequence[_Finding]) -> str | None:
        """Finds the column whose header means a record's number and whose values are distinct.

        Of several it is the one that comes first in: what the source calls its own, ids of customers, of accounts and
        devices, any other number; then in the order of the table. A number that another party gave, such as an
        insurer, comes after all that the source gave.
        """
        ranks = {"record_id": 0, f"id:{folded_name(self._source.name)}_id": 0, "crm_id": 1, "user_id": 1}
        ranks |= {"loyalty_id": 1, "account_id": 2, "anonymous_id": 2, "device_id": 2}
        # An answer is never evidence; where it differs in every row it is no answer, but a number.
        ranks["truth"] = 4
        candidates = []
        for place, finding in enumerate(findings):
            role = finding.match.role
            rank = ranks.get(role, 3 if role.startswith("id:") or finding.match.key else None)
            if folded_name(finding.column) == f"{folded_name(self._source.name)}_id":
                rank = 0
            if role == "truth" and not folded_name(finding.column).endswith("id"):
                continue
            if self._role(finding.column) in _PERSON | {"company"}:
                continue
            if rank is not None and finding.column not in self._mapped:
                others = rank > 0 and bool(finding.match.party)
                candidates.append((others, rank, place, finding))
        for *_, finding in sorted(candidates, key=lambda candidate: candidate[:3]):
            if finding.values.filled >= _UNIQUE and self._distinct_share(finding.column) >= _UNIQUE:
                return finding.column
        return None

    def _distinct_share(self, column: str) -> float:
        """Gives distinct values per row that holds one, from rows chosen by this very value."""
        if column not in self._distinct:
            table = self._source.table.select([column])
            sample = sample_rows(table, [column], _ID_ROWS, self._hashes)
            counted = count_values(sample[column])
            self._distinct[column] = len(counted) / max(1, sum(counted.values()))
        return self._distinct[column]

    def _admit_numbers(self, findings: Sequence[_Finding]) -> None:
        """Where organisations are the records, a provider's or a school's number names them."""
        if not self._having(findings, "company") or self._having(findings, *_PERSON):
            return
        for finding in findings:
            if finding.match.key and not self._role(finding.column) and finding.match.party:
                verdict = check(HeaderMatch(f"id:{folded_name(finding.column)}"), finding.values)
                if verdict and verdict.role:
                    self._roles[finding.column] = (verdict.role, verdict.reason)

    def _settle_identifiers(self, findings: Sequence[_Finding], record_id: str | None) -> None:
        """Keeps identifiers that name somebody, drops codes that many share and mere row numbers."""
        for finding in findings:
            column, role = finding.column, self._role(finding.column)
            if finding.match.role == "record_id" and role in ("record_id", ""):
                self._settle_plain_id(finding, findings, record_id)
            elif role in IDENTIFIERS or role.startswith("id:"):
                rows_of_one = finding.values.rows_of_one(self._source.table.num_rows)
                if not is_identifier(role, finding.values, rows_of_one):
                    self._drop(column, "few values, each shared by many rows")

    def _settle_plain_id(
        self, finding: _Finding, findings: Sequence[_Finding], record_id: str | None
    ) -> None:
        """A record's number means nothing elsewhere; rows that share one are records of one somebody."""
        column, words = finding.column, folded_name(finding.column).split("_")
        self._roles.pop(column, None)
        # A counter without a name of its own, or an address used as an id, may hold something that tells.
        held = guess(HeaderMatch("vague" if words[0] == "unnamed" else "unknown"), finding.values)
        counted = held.role == "phone" and finding.values.share(str.isdigit) > 0.5
        if held.role and not counted:
            self._roles[column] = (held.role, held.reason)
        if column in self._roles or column == record_id or not finding.values.distinct:
            return
        if words[-1] in _COUNTER_NAMES and self._is_house_number(finding, findings):
            self._roles[column] = ("house_number", "header+content")
            return
        if not words[-1].endswith("id"):
            self._unused[column] = "a number of the record, not of anybody"
            return
        share = self._distinct_share(column)
        if share < _UNIQUE and is_identifier("id:id", finding.values, 1 / max(share, 1e-9)):
            self._roles[column] = (f"id:{folded_name(self._source.name)}_{'_'.join(words)}", "header+content")
        else:
            self._unused[column] = (
                "a number of the record, not of anybody" if share >= _UNIQUE else "not an identifier"
            )

    def _is_house_number(self, finding: _Finding, findings: Sequence[_Finding]) -> bool:
        """Whether a column called "no" is the number of the house: beside a street without numbers."""
        streets = self._having(findings, "street")
        if not streets or self._having(findings, "house_number") or streets[0].values.digits_inside > 0.5:
            return False
        numbers = finding.values.whole_numbers
        short = (
            finding.values.house_numbers >= 0.8 and finding.values.share(lambda text: len(text) <= 6) >= 0.95
        )
        return short and (not numbers or numbers[len(numbers) // 2] < 2000)

    def _apply_mapping(self) -> None:
        """A role that was mapped by hand is played by the columns named and by no other."""
        for role in set(self._mapped.values()):
            for column in [name for name, (other, _) in self._roles.items() if other == role]:
                self._drop(column, f"--map names another column for {role}")
        for column, role in self._mapped.items():
            self._roles[column] = (role, "map")

    def _column_roles(self, findings: Sequence[_Finding]) -> Iterator[ColumnRole]:
        for name in self._source.table.column_names:
            if name in self._roles:
                role, reason = self._roles[name]
                order = self._date_order(name, self.values[name], findings) if role == "birth_date" else None
                yield ColumnRole(name, role, reason, order)

    def _date_order(self, column: str, dates: ColumnValues, findings: Sequence[_Finding]) -> str:
        """Tells the order of day and month, from this column, else its neighbours, else the country."""
        if dates.dates.order:
            return dates.dates.order
        self.open_orders.add(column)
        others = [votes.dates.order for votes in self._all_values() if votes.dates.share > 0.5]
        for order in ("mdy", "dmy"):
            if order in others:
                return order
        if dates.dates.dotted:
            return "dmy"
        return "mdy" if self._is_american(findings) else "dmy"

    def _all_values(self) -> Iterator[ColumnValues]:
        sample = sample_rows(self._source.table, hashes=self._hashes)
        return (ColumnValues(sample[name]) for name in self._source.table.column_names)

    def _is_american(self, findings: Sequence[_Finding]) -> bool:
        countries = self._having(findings, "country")
        if countries:
            return countries[0].values.among(known_values.COUNTRIES_OF_MONTH_FIRST) > 0.5
        states = self._having(findings, "state")
        if states:
            return states[0].values.among(known_values.US_STATES) > 0.7
        phones = self._having(findings, "phone")
        return bool(phones) and phones[0].values.share(lambda text: text.startswith("+1")) > 0.5


def _name_role(values: ColumnValues, has_first: bool, has_last: bool, has_company: bool) -> str:
    """Tells what a column called "name" names."""
    if values.organisations >= 0.15 and not has_company:
        return "company"
    one_word = values.single_words >= _ONE_WORD
    if has_last and not has_first:
        return "first_name" if one_word else "full_name"
    if has_first and not has_last:
        return "last_name" if one_word else "full_name"
    if has_company or values.given_names >= 0.05:
        return "full_name"
    if values.organisations >= 0.03 or values.person_shaped < 0.5:
        return "company"
    return "full_name"
