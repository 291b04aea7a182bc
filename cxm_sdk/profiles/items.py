"""Items as they are sent become evidence, or are refused with the reason."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, cast

from cxm_sdk._native.evidence import canonical_json, listed_texts
from cxm_sdk._native.items import PlainRecords
from cxm_sdk.errors import EventError
from cxm_sdk.events.envelope import Event
from cxm_sdk.identity.columns import MAX_SLOTS
from cxm_sdk.identity.namespaces import IdentifierClass
from cxm_sdk.identity.person_records import PersonRecord
from cxm_sdk.identity.record_keys import NO_ID
from cxm_sdk.profiles.canonical import DERIVED, DESCRIBING, ValueForms
from cxm_sdk.profiles.config import GraphConfig
from cxm_sdk.profiles.evidence import EVENTS, MICROSECONDS, Evidence, Rejection, evidence_key, moment, when
from cxm_sdk.profiles.plain import plain_forms
from cxm_sdk.profiles.values import id_text, number_text, plain_value

__all__ = ["Reader"]

EVENT_TYPES = ("identify", "track", "page", "screen", "group", "alias")
#: Most characters of an identifier, a record id or a source name.
LONGEST_NAME = 512
#: Most identifiers of one item, over all namespaces.
MOST_IDENTIFIERS = 32
#: Clocks that are off by more than this into the future are not believed.
FUTURE = 86_400 * MICROSECONDS
EARLIEST = 0  # 1970: before it, a clock was never set

_TRAITS: Mapping[str, str] = {
    "firstname": "first_name",
    "givenname": "first_name",
    "lastname": "last_name",
    "familyname": "last_name",
    "middlename": "middle_name",
    "name": "full_name",
    "fullname": "full_name",
    "birthday": "birth_date",
    "birthdate": "birth_date",
    "dateofbirth": "birth_date",
    "birthplace": "birth_place",
    "placeofbirth": "birth_place",
    "gender": "sex",
    "sex": "sex",
    "suffix": "suffix",
    "zip": "postcode",
    "zipcode": "postcode",
    "postalcode": "postcode",
    "postcode": "postcode",
    "city": "city",
    "state": "state",
    "region": "state",
    "country": "country",
    "street": "street",
    "housenumber": "house_number",
    "unit": "unit",
    "company": "company",
}
_RECORD_KEYS = frozenset(("source", "record_id", "observed_at", "identifiers", "attributes", "deleted"))
_TIMES = ("timestamp", "originalTimestamp", "observed_at")
_NO_IDS = frozenset(("", *NO_ID.words))
_NOTHING: Mapping[str, Any] = {}
#: Identifiers of an envelope that name nobody.
_NAMELESS = frozenset(("device_id", "account_id"))
_DATE_PARTS = ("birth_day", "birth_month", "birth_year")
_ADDRESS = frozenset(("street", "house_number", "unit", "city", "postcode", "state", "country"))


class RejectedItemError(ValueError):
    """An item cannot be taken: a stable reason and what was expected."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(slots=True)
class _Raw:
    """An item read but not yet in canonical form."""

    index: int
    evidence: Evidence
    identifiers: dict[str, list[str]]
    described: dict[str, list[str]]


class Reader:
    """Turns items into evidence.

    Args:
        config: The namespaces, and how dates are read.

    Example:
        >>> reader = Reader(GraphConfig())
        >>> item = {"type": "identify", "userId": "u-1", "traits": {"email": "A@x.org"}, "timestamp": 0}
        >>> accepted, rejected = reader.read([item], now=0)
        >>> accepted[0].said["email"], rejected
        ([('a@x.org', 'A@x.org')], [])
    """

    def __init__(self, config: GraphConfig) -> None:
        self._config = config
        self._namespaces = config.known
        self._owned = frozenset(n.name for n in config.known if n.kind.owned)
        self._roles = {n.name for n in config.known if not n.kind.owned}
        self.forms = ValueForms(config.date_order)
        limits = {n.name: n.limit for n in config.known if n.limit is not None}
        told = self._roles, DESCRIBING, DERIVED, limits, MAX_SLOTS, MOST_IDENTIFIERS, EVENTS, FUTURE
        self._records = PlainRecords(plain_forms(config.date_order), Evidence, PersonRecord, _role, *told)

    def read(self, items: Sequence[object], now: int) -> tuple[list[Evidence], list[Rejection]]:
        """Reads items; those that cannot be used are listed with the reason.

        Args:
            items: Typed events, or mappings shaped as events of the Segment family or as records.
            now: Microseconds since 1970: what is a day or more after it is refused, and events without a time get it.

        Returns:
            Accepted items in their order, and the refused ones.
        """
        accepted, raws, rejected = list[Evidence](), list[_Raw](), list[Rejection]()
        read = self._records.read
        for index, item in enumerate(items):
            evidence = read(item, now)
            if evidence is None:  # as few are
                try:
                    raw = self._raw(index, item, now)
                except RejectedItemError as error:
                    rejected.append(Rejection(index, error.reason, str(error)))
                    continue
                raws.append(raw)
                evidence = raw.evidence
            evidence.index = index
            accepted.append(evidence)
        values = (values for raw in raws for values in (raw.identifiers, raw.described) if values)
        self.forms.learn(values)
        for raw in raws:
            self._finish(raw)
            if raw.evidence.refused is not None:
                rejected.append(Rejection(raw.index, *raw.evidence.refused, stored=True))
        rejected.sort(key=lambda rejection: rejection.index)
        return accepted, rejected

    def identifier(self, namespace: str, value: str) -> str | None:
        """Brings one identifier to canonical form.

        Args:
            namespace: Its namespace.
            value: As it is written.

        Returns:
            The form; None where the namespace is unknown or the value names nobody.
        """
        namespace, value = self._namespaces.placed(namespace, value)
        if self._namespaces.find(namespace) is None:
            return None
        forms = ValueForms(self._config.date_order)  # of its own: other threads may be reading items
        forms.learn([{namespace: [value]}])
        return forms.canonical(namespace, value)

    def _raw(self, index: int, item: object, now: int) -> _Raw:
        if isinstance(item, Event):
            try:
                item = item.to_wire()
            except EventError:
                raise RejectedItemError(
                    "not_json", "expected values that JSON can hold, got another kind"
                ) from None
        if not isinstance(item, dict | Mapping):
            raise RejectedItemError("not_a_mapping", f"expected a mapping, got {type(item).__name__}")
        body = canonical_json(item)
        if body is None:
            item, body = _made_plain(item)
        if "type" in item:
            return self._event(index, item, body, now)
        return self._record(index, item, body, now)

    def _event(self, index: int, item: Mapping[str, Any], body: str, now: int) -> _Raw:
        kind = item["type"]
        if kind not in EVENT_TYPES:
            raise RejectedItemError("unknown_type", f"expected a type among {', '.join(EVENT_TYPES)}")
        stamp = item.get("timestamp", item.get("originalTimestamp"))
        at = now if stamp is None else _time(stamp, now)
        message = item.get("messageId")
        if message is None:
            message = "content-" + blake2b(body.encode(), digest_size=16).hexdigest()
        message = _name(message, "messageId")
        ids = _event_identifiers(item, kind)
        told = not _NAMELESS.issuperset(ids)  # whom the envelope names, before traits are looked at
        if stamp is None or "messageId" not in item:
            # What was made up is part of what is kept, so that it stays what it is.
            stamp = moment(at) if stamp is None else stamp
            body = _encode({**json.loads(body), "messageId": message, "timestamp": stamp})
        evidence = Evidence(evidence_key(EVENTS, message), EVENTS, message, at, kind, body)
        described: dict[str, list[str]] = {}
        if kind in ("identify", "alias") and "traits" in item:
            self._traits(_mapping(item, "traits"), described, ids)
        context = item.get("context")
        if context is not None and "traits" in (context := _mapping(item, "context")):
            self._traits(_mapping(context, "traits"), described, ids)
        if not told:
            raise RejectedItemError(
                "no_user_anon_id", "expected a userId, an anonymousId or an external id, got none"
            )
        return self._checked(_Raw(index, evidence, ids, described))

    def _traits(
        self, traits: Mapping[str, Any], described: dict[str, list[str]], ids: dict[str, list[str]]
    ) -> None:
        """Finds what traits say about who somebody is."""
        for name, value in traits.items():
            plain = name.replace("_", "").replace("-", "").lower()
            if plain == "address" and isinstance(value, Mapping):
                self._traits({k: v for k, v in value.items() if _role(k) in _ADDRESS}, described, ids)
            elif plain == "company" and isinstance(value, Mapping):
                self._traits({"company": value.get("name")}, described, ids)
            elif (role := _role(name)) is not None:
                described.setdefault(role, []).extend(_texts(value))
            elif self._names_owner(name):
                ids.setdefault(name, []).extend(_texts(value))

    def _names_owner(self, name: str) -> bool:
        """Whether what stands beside names and addresses is an identifier, as by its name; of devices none is."""
        namespace = self._namespaces.find(name)
        return namespace is not None and not namespace.kind.owned

    def _record(self, index: int, item: Mapping[str, Any], body: str, now: int) -> _Raw:
        missing = [name for name in ("source", "record_id", "observed_at") if item.get(name) in (None, "")]
        told = item.get("record_id")
        if told and isinstance(told, str) and told.strip() in _NO_IDS:
            missing.append("record_id")  # else all records without one would be versions of one
        if missing:
            raise RejectedItemError(
                "incomplete_record", f"expected {', '.join(missing)}, or the type of an event"
            )
        source, record_id = _name(item["source"], "source"), _name(item["record_id"], "record_id")
        if source == EVENTS:
            raise RejectedItemError("reserved_source", "expected a source of another name than events")
        _check_keys(item)
        at = _time(item["observed_at"], now)
        evidence = Evidence(evidence_key(source, record_id), source, record_id, at, "record", body)
        ids = {name: _texts(value) for name, value in _told(item, "identifiers").items()}
        described: dict[str, list[str]] = {}
        attributes = _told(item, "attributes")
        for name, value in attributes.items():
            if name in ("email", "phone"):
                ids.setdefault(name, []).extend(_texts(value))
            elif name not in _DATE_PARTS:  # the day of a birth is no birthday
                self._traits({name: value}, described, ids)
        if not described.get("birth_date") and (date := _date_of_parts(attributes)):
            described["birth_date"] = [date]
        return self._checked(_Raw(index, evidence, ids, described))

    def _checked(self, raw: _Raw) -> _Raw:
        total, listed, known = 0, raw.identifiers, self._namespaces
        if not known.names.issuperset(listed):
            raw.identifiers = {}
            for name, values in listed.items():
                raw.identifiers.setdefault(known.placed(name, "")[0], [])
                for value in values:
                    namespace, text = known.placed(name, value)
                    raw.identifiers.setdefault(namespace, []).append(text)
        for name, values in raw.identifiers.items():
            if name not in known.names:
                names = ", ".join(one.name for one in known)
                raise RejectedItemError(
                    "unknown_namespace",
                    f"expected namespaces of the configuration ({names}), got another one",
                )
            total += len(values)
        if total > MOST_IDENTIFIERS:
            raise RejectedItemError(
                "too_many_identifiers", f"expected at most {MOST_IDENTIFIERS} identifiers, got {total}"
            )
        return raw

    def _finish(self, raw: _Raw) -> None:
        evidence, people = raw.evidence, dict[str, list[str]]()
        for name, values in raw.identifiers.items():
            if name not in self._owned:
                if values:
                    people[name] = values
                continue
            for value in values:
                form = self.forms.canonical(name, value)
                if form is not None and (name, form) not in evidence.devices:
                    evidence.devices.append((name, form))
        if not people and evidence.kind != "record":
            return  # anonymous, whatever it says
        said = self.forms.said({**raw.described, **people})
        evidence.refused = self._contradiction(raw, people)
        if evidence.refused is not None:
            evidence.devices.clear()
        # An event that names nobody is anonymous, whatever account or home it is about.
        named = evidence.kind == "record" or any(role in said and self._names_person(role) for role in people)
        if evidence.refused is None and named:
            evidence.tell(said, self._roles)

    def _names_person(self, name: str) -> bool:
        namespace = self._namespaces.find(name)
        return namespace is not None and namespace.kind is IdentifierClass.PERSON

    def _contradiction(self, raw: _Raw, people: Mapping[str, list[str]]) -> tuple[str, str] | None:
        """Why the identity part of an item cannot be believed: it names two people."""
        for name, values in people.items():
            if len(values) < 2:
                continue
            namespace = self._namespaces.find(name)
            distinct = {self.forms.canonical(name, value) for value in values} - {None}
            limit = None if namespace is None else namespace.limit
            if limit is not None and len(distinct) > limit:
                detail = f"expected {limit} {name} at most, as a person has no more, got {len(distinct)}"
                return "contradictory_identifiers", detail
            if len(distinct) > MAX_SLOTS:
                return (
                    "too_many_values",
                    f"expected at most {MAX_SLOTS} values of {name}, got {len(distinct)}",
                )
        return None


def _event_identifiers(item: Mapping[str, Any], kind: str) -> dict[str, list[str]]:
    ids = {}
    if user := _texts(item.get("userId")):
        ids["user_id"] = user
    anonymous = _texts(item.get("anonymousId"))
    if kind == "alias":
        # What somebody was called before belongs to them from then on; it does not join two people.
        anonymous += _texts(item.get("previousId"))
    if anonymous:
        ids["anonymous_id"] = anonymous
    context = _mapping(item, "context")
    device = context.get("device")
    if device is not None and isinstance(device, Mapping) and (held := _texts(device.get("id"))):
        ids["device_id"] = held
    if kind == "group" and (account := _texts(item.get("groupId"))):
        ids["account_id"] = account
    external = context.get("externalIds")
    for entry in external if isinstance(external, list) else ():
        named = isinstance(entry, Mapping) and isinstance(entry.get("type"), str)
        if named and (values := _texts(entry.get("id"))):
            ids.setdefault(entry["type"], []).extend(values)
    return ids


def _role(trait: str) -> str | None:
    """The role of a trait or attribute by its name; None where it does not describe a person."""
    plain = trait.replace("_", "").replace("-", "").lower()
    return _TRAITS.get(plain)


def _date_of_parts(attributes: Mapping[str, Any]) -> str | None:
    """A birth date of which day, month and year are told apart, as text."""
    day, month, year = (_texts(attributes.get(part)) for part in _DATE_PARTS)
    if not len(day) == len(month) == len(year) == 1 or len(year[0].strip()) != 4:
        return None
    if month[0].strip().isdecimal():
        return f"{year[0].strip()}-{month[0].strip():0>2}-{day[0].strip():0>2}"
    return f"{day[0]} {month[0]} {year[0]}"


def _texts(value: object) -> list[str]:
    """The values of a field as text; what is no text or number says nothing."""
    listed = listed_texts(value)
    if listed is not None:
        return listed
    if value is None or isinstance(value, bool):
        return []
    if isinstance(value, int | float):
        text = number_text(value)
        return [] if text is None else [text]
    if isinstance(value, list | tuple):
        return [text for entry in value for text in _texts(entry)]
    return []


def _mapping(item: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = item.get(name)
    if found is None:
        return _NOTHING
    return found if type(found) is dict or isinstance(found, Mapping) else _NOTHING


def _check_keys(item: Mapping[str, Any]) -> None:
    """What stands under a key that nobody reads would be lost without a word."""
    others = [key for key in item if key not in _RECORD_KEYS]
    for name in ("identifiers", "attributes") if others else ():
        if name not in item and difflib.get_close_matches(name, others, n=1, cutoff=0.8):
            raise RejectedItemError("misspelt_key", f"expected {name}, got a key that is spelt otherwise")
    if others and "identifiers" not in item and "attributes" not in item:
        raise RejectedItemError(
            "incomplete_record", "expected identifiers or attributes, got other keys alone"
        )


def _told(item: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What a record says under a name; what is no mapping there would be lost without a word."""
    found = item.get(name)
    if found is not None and not isinstance(found, Mapping):
        raise RejectedItemError("not_a_mapping", f"expected {name} as a mapping, got {type(found).__name__}")
    return _NOTHING if found is None else found


def _name(value: object, field_name: str) -> str:
    text = id_text(value)
    if not text or len(text) > LONGEST_NAME:
        got = type(value).__name__ if text is None else len(text)
        raise RejectedItemError(
            "unusable_name", f"expected a {field_name} of 1 to {LONGEST_NAME} characters, got {got}"
        )
    return text


def _time(value: object, now: int) -> int:
    try:
        at = when(value)
    except (ValueError, OverflowError):
        raise RejectedItemError(
            "unreadable_time", f"expected ISO 8601 text or seconds since 1970, got {type(value).__name__}"
        ) from None
    if at > now + FUTURE:
        raise RejectedItemError(
            "time_in_future", "expected a time that has come, got one more than a day ahead"
        )
    if at < EARLIEST:
        raise RejectedItemError("time_too_early", "expected a time from 1970 on, got an earlier one")
    return at


def _made_plain(item: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """An item with values of other kinds than those of JSON, as JSON has it, and its text."""
    try:
        plain = plain_value(item)
        text = _encode(plain)
    except TypeError as error:
        raise RejectedItemError("not_json", f"expected values that JSON can hold, got {error}") from None
    except (ValueError, RecursionError) as error:
        raise RejectedItemError(
            "not_json", f"expected values that JSON can hold ({type(error).__name__})"
        ) from None
    made = cast("Mapping[str, Any]", plain)
    for name in _TIMES:
        if item.get(name) is not None and made[name] is None:  # NaN, which must not become now
            raise RejectedItemError("unreadable_time", f"expected a time as {name}, got one that is none")
    return made, text


def _encode(item: object) -> str:
    text = canonical_json(item)
    if text is None:
        text = _encode_any(item)
        text.encode()  # half of a surrogate pair cannot be kept
    return text


_encode_any = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
