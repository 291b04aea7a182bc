"""ServiceNow: contacts and consumers, incidents, cases and survey answers."""

from __future__ import annotations

import re
from datetime import UTC, tzinfo
from typing import Any

from cxm_sdk._native.paths import find
from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.item import Item
from cxm_sdk.adapters.reading import Many, Reading
from cxm_sdk.events.catalog.survey import SurveyResponded
from cxm_sdk.events.catalog.ticket import TicketClosed, TicketOpened, TicketSolved

__all__ = ["Field", "ServiceNow"]

_USER = "servicenow.{tenant}.user"
_CONTACT = "servicenow.{tenant}.contact"
_CONSUMER = "servicenow.{tenant}.consumer"
_PERSON: dict[str, str | Many] = {
    "email": "email",
    "phone": "phone",
    "mobile_phone": "phone",
    "home_phone": "phone",
    "user_name": "servicenow.{tenant}.user_name",
}
_TOLD = {
    "first_name": "first_name",
    "last_name": "last_name",
    "name": "full_name",
    "title": "job_title",
    "street": "street",
    "city": "city",
    "zip": "postcode",
    "state": "state",
    "country": "country",
    "preferred_language": "language",
    "account": "account",
}
_LEFT_OUT = (
    *("sys_created_*", "sys_updated_*", "sys_mod_count", "sys_domain*", "sys_tags", "sys_class_path"),
    *(
        "active",
        "locked_out",
        "time_zone",
        "sys_class_name",
        "number",
        "opened_at",
        "resolved_at",
        "closed_at",
    ),
)
_EVENTS = ("Ticket Opened", "Ticket Solved", "Ticket Closed")
_SYS_ID = re.compile(r"/([0-9a-f]{32})(?:[/?]|$)", re.ASCII)
_CODE = re.compile(r"[a-z0-9_]+", re.ASCII)
_CHANNELS = {
    "email": "email",
    "phone": "phone",
    "web": "web",
    "self-service": "web",
    "chat": "chat",
    "virtual_agent": "chat",
    "social": "social",
    "walk-in": "store",
}
_PRIORITIES = {"1": "Critical", "2": "High", "3": "Moderate", "4": "Low", "5": "Planning"}
#: What a state means, by table: tables do not agree on 3 and 7.
_INCIDENT = {"6": "solved", "7": "closed"}
_CASE = {"6": "solved", "3": "closed", "7": "cancelled"}


class Field(Item):
    """An object of which each field may be a value, a label with a value, or a reference.

    Example:
        >>> row = Field({"state": {"display_value": "Neu", "value": "1"}, "opened_at": "2025-03-04 09:12:44"})
        >>> row.text("state"), row.time("opened_at").isoformat()
        ('1', '2025-03-04T09:12:44+00:00')
    """

    __slots__ = ()

    def __init__(
        self, data: Any, path: str = "", zone: tzinfo | None = None, parent: Item | None = None
    ) -> None:
        super().__init__(data, path, UTC, parent)  # values of times name no zone and are UTC

    def raw(self, path: str) -> Any:
        """The value of a field, a whole number also where it is written as ``1.0``; of a reference the id in its link.

        Args:
            path: Name of the field.
        """
        self.seen.add(path)
        told = find(self.data, path)
        if type(told) is dict and "value" not in told:
            link = told.get("link")
            found = _SYS_ID.search(link) if type(link) is str else None
            return found[1] if found is not None else None
        if type(told) is dict:
            told = told["value"]
        whole = type(told) is float and told.is_integer() and abs(told) < 2**53
        return int(told) if whole else told

    @property
    def labelled(self) -> bool:
        """Whether it has labels only: such a time is in the zone and the spelling of whoever asked."""
        values = [one for one in self.data.values() if type(one) is dict]
        if any("display_value" in one and "value" not in one for one in values):
            return True
        coded = ("state", "sys_class_name") if "number" in self.data else ("sys_class_name",)
        words = [self.data.get(name) for name in coded]
        return any(type(one) is str and one and not _CODE.fullmatch(one) for one in words)


def _person(what: str, table: str, source: str, identifiers: dict[str, str | Many]) -> tuple[Kind, ...]:
    """A person, as values alone and with display values."""
    return tuple(
        Kind(
            name=name,
            has=("sys_id",),
            equal={path: (table,)},
            source=source,
            id="sys_id",
            times=("sys_updated_on", "sys_created_on"),
            identifiers={"sys_id": source, **identifiers, **_PERSON},
            attributes=_TOLD,
            ignored=_LEFT_OUT,
            read="person",
        )
        for name, path in ((what, "sys_class_name"), (f"{what} with display values", "sys_class_name.value"))
    )


def _ticket(name: str, read: str, customer: str, identifiers: dict[str, str | Many]) -> Kind:
    return Kind(
        name=name,
        has=("sys_id", "number", "state", customer),
        source=f"servicenow.{{tenant}}.{read}",
        id="sys_id",
        times=("sys_updated_on", "sys_created_on", "opened_at"),
        identifiers=identifiers,
        ignored=(
            *_LEFT_OUT, "account", "opened_by", "assigned_to", "assignment_group", "business_duration", "made_sla",
            "sys_created_by", "impact", "urgency", "description", "short_description", "priority", "contact_type",
            "state", "escalation",
        ),
        read=read,
        events=_EVENTS,
    )  # fmt: skip


class ServiceNow(Adapter):
    """Reads rows of ServiceNow tables."""

    name = "servicenow"
    title = "ServiceNow"
    about = (
        "Contacts, consumers, incidents, customer service cases and survey answers as the Table API gives them, with or"
        " without display values. The tenant is the instance."
    )
    kinds = (
        Kind(
            name="answer", has=("sys_id", "metric", "instance", "actual_value"), source="servicenow.{tenant}.survey",
            id="sys_id", times=("sys_created_on", "sys_updated_on"), identifiers={"user": _USER},
            ignored=(*_LEFT_OUT, "source_table"), read="answer", events=("Survey Responded",),
        ),
        _ticket("case", "case", "contact", {"contact": _CONTACT, "consumer": _CONSUMER}),
        _ticket("case of a consumer", "case", "consumer", {"consumer": _CONSUMER}),
        _ticket("incident", "incident", "caller_id", {"caller_id": _USER}),
        *_person("contact", "customer_contact", _CONTACT, {}),
        *_person("consumer", "csm_consumer", _CONSUMER, {"user": _USER}),
        Kind(name="other row", has=("sys_id", "sys_updated_on"), source="servicenow.{tenant}", ignored=("*",)),
    )  # fmt: skip
    envelopes = ("result",)
    items = Field
    pitfalls = (
        "Times have no zone and are UTC, in the value of a field; what is displayed is in the zone and the spelling of"
        " the user who asked, and is never read.",
        "With `sysparm_display_value=true` a row has labels only and is rejected as `labels_only`: ask for `all` or"
        " `false`.",
        "Tables do not agree on states: 3 is on hold for an incident and closed for a case, 7 is closed and cancelled.",
        "References may hold the id in their link only.",
        "Nothing says that a row was deleted or merged: watch `sys_audit_delete`, or send what a business rule of your"
        " own says.",
        "`sys_user` rows are mostly agents: of people only contacts (`customer_contact`) and consumers (`csm_consumer`)"
        " are read. Ask for `sys_class_name` with them.",
        "Work notes and comments name whoever wrote them by user name, agent or customer, and are left out.",
        "The scale of a survey answer is not in the row: its score stands without one.",
    )

    def person(self, reading: Reading) -> None:
        """Makes a record of a contact or consumer."""
        self._values(reading)
        if reading.source == reading.named(_CONTACT):  # a contact is a user too, with one id for both
            reading.identify(_USER, reading.id or "", "sys_id")
        reading.record()

    def case(self, reading: Reading) -> None:
        """Makes the events of a customer service case."""
        self._ticket(reading, _CASE)

    def incident(self, reading: Reading) -> None:
        """Makes the events of an incident."""
        self._ticket(reading, _INCIDENT)

    def _ticket(self, reading: Reading, states: dict[str, str]) -> None:
        self._values(reading)
        item = reading.item
        opened = item.time("opened_at") or item.time("sys_created_on")
        told: dict[str, Any] = {"ticket_id": reading.id}
        if opened is not None:
            more = {
                "ticket_number": item.text("number"),
                "subject": item.text("short_description"),
                "priority": _PRIORITIES.get(item.text("priority") or ""),
                "channel": _CHANNELS.get(item.text("contact_type") or ""),
            }
            reading.event(TicketOpened, {**told, **more}, key=(reading.id, "opened"), at=opened)
        state = states.get(item.text("state") or "")
        solved, closed = item.time("resolved_at"), item.time("closed_at")
        if solved is not None and state is not None:
            taken = (solved - opened).total_seconds() if opened is not None and solved >= opened else None
            reading.event(
                TicketSolved,
                {**told, "resolution_seconds": taken},
                key=(reading.id, "solved", solved),
                at=solved,
            )
        if state in ("closed", "cancelled"):
            at = closed or reading.when()
            more = {"resolution": "cancelled" if state == "cancelled" else None}
            reading.event(TicketClosed, {**told, **more}, key=(reading.id, "closed", closed), at=at)

    def answer(self, reading: Reading) -> None:
        """Makes the event of one answer of a survey."""
        self._values(reading)
        item = reading.item
        score, share = item.number("actual_value"), item.number("normalized_value")
        told = {
            "survey_id": item.id("metric"),
            "survey_type": "custom",
            "response_id": item.id("instance"),
            "question_id": item.id("metric"),
            "score": None if score is None else float(score),
            "normalized_score": None if share is None else float(share),
            "comment": item.text("string_value"),
            "related_type": "ticket"
            if item.text("source_table") in ("sn_customerservice_case", "incident")
            else None,
            "related_id": item.id("source_id"),
        }
        reading.event(SurveyResponded, told, key=(reading.id,))

    @staticmethod
    def _values(reading: Reading) -> None:
        """Refuses what has labels in place of values."""
        if isinstance(reading.item, Field) and reading.item.labelled:
            raise reading.item.refusal(
                "", "labels_only", "expected values, got labels: ask with sysparm_display_value=all"
            )
