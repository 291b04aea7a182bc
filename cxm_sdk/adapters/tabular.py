"""Any table or file of rows, by a mapping that the integrator declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.reading import OptIn, OptOut
from cxm_sdk.adapters.times import Form
from cxm_sdk.errors import AdapterError

__all__ = ["Tabular"]


class Tabular(Adapter):
    """Reads rows by a declared mapping: each becomes a record.

    Args:
        source: Name of the source.
        id: Column of the id.
        time: Column of the time of the row; without it ``received`` counts for all.
        form: How times are written: ``iso``, ``s``, ``ms``, ``us``, ``odata``, ``us_date``; ``day`` is a date alone.
        namespace: Namespace that the id is an identifier of; none where it names the row and not the customer.
        consents: ``in`` or ``out``, channel and purpose by column: ``{"Newsletter": "in:email.marketing"}``.
        ignored: Columns that are left out on purpose.
        identifiers: Namespace by column.
        attributes: Role by column.
        timezone: Zone of times that name none.
        received: Time of rows that name none.
        own: The company's own addresses and domains.

    Raises:
        AdapterError: The mapping cannot be used.

    Example:
        >>> cards = Tabular(source="cards", id="Card", time="Since", form="day", timezone="Europe/London",
        ...                 identifiers={"Mail": "email"}, attributes={"Given": "first_name"})
        >>> row = {"Card": "0042", "Since": "2026-01-31", "Mail": "Ada@x.org", "Given": "Ada", "Hat": ""}
        >>> parsed = cards.parse([row])
        >>> parsed.records[0].record_id, parsed.records[0].attributes, parsed.unmapped
        ('0042', {'first_name': 'Ada'}, ('[0].Hat',))
    """

    name = "tabular"
    title = "Tables"
    about = "Rows of any CSV file or table, by a mapping from columns that the integrator declares."
    envelopes = ()
    needs_tenant = False
    pitfalls = (
        "Spreadsheets drop leading zeros and turn long ids into 4.47701E+11: export ids as text.",
        "A table without a column of times says when it was true only if `received` says so.",
    )

    def __init__(
        self,
        *,
        source: str,
        id: str,  # noqa: A002 - what it is called everywhere here
        time: str | None = None,
        form: Form = "iso",
        namespace: str | None = None,
        consents: Mapping[str, str] | None = None,
        ignored: Iterable[str] = (),
        identifiers: Mapping[str, str] | None = None,
        attributes: Mapping[str, str] | None = None,
        timezone: str | None = None,
        received: datetime | None = None,
        own: Iterable[str] = (),
    ) -> None:
        if not source or not id:
            raise AdapterError("tabular: expected the name of the source and the column of the id, got none.")
        row = Kind(
            name="row",
            has=(id,),
            source=source,
            id=id,
            times=(time,) if time else (),
            form=form,
            identifiers={**({id: namespace} if namespace else {}), **(identifiers or {})},
            attributes=attributes or {},
            consents={column: _consent(column, told) for column, told in (consents or {}).items()},
            ignored=tuple(ignored),
            record=True,
        )
        self.kinds = (row,)
        #: The columns that it names.
        self.columns = frozenset(
            (*row.has, *row.times, *row.identifiers, *row.attributes, *row.consents, *row.ignored)
        )
        super().__init__(timezone=timezone, received=received, own=own)

    def lacking(self, rows: Any) -> list[str]:
        """Lists columns that the mapping names and no row has: most are slips of the pen.

        Args:
            rows: Rows of a table.

        Returns:
            The columns in order; those of names with dots or stars, which mean places within values, are left out.

        Example:
            >>> Tabular(source="cards", id="Card", attributes={"Givn": "first_name"}).lacking([{"Card": "1"}])
            ['Givn']
        """
        held = set().union(*(row for row in rows if isinstance(row, Mapping)))
        return sorted(name for name in self.columns - held if not {".", "*", "["} & set(name))

    @classmethod
    def recognises(cls, payload: Any) -> int:
        """Tells that rows can be of any kind, so that a table has to be named.

        Args:
            payload: Any.

        Returns:
            0.
        """
        return 0


def _consent(column: str, told: str) -> OptIn | OptOut:
    way, _, category = told.partition(":")
    channel, _, purpose = category.partition(".")
    if way not in ("in", "out") or not channel or not purpose:
        raise AdapterError(
            f"tabular: expected the consent of column {column} as in:CHANNEL.PURPOSE or out:CHANNEL.PURPOSE."
        )
    return OptIn(channel, purpose) if way == "in" else OptOut(channel, purpose)
