"""SAP: business partners of S/4HANA, Cloud for Customer, and Customer Data Cloud (Gigya)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from cxm_sdk._native.paths import find
from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.item import Item
from cxm_sdk.adapters.parsed import ConsentState
from cxm_sdk.adapters.reading import Reading
from cxm_sdk.events.catalog.saas import SignedIn, SignedUp
from cxm_sdk.events.catalog.ticket import TicketClosed, TicketOpened, TicketSolved

__all__ = ["Sap"]

_PARTNER = "s4.{tenant}.business_partner"
_PARTY = "c4c.{tenant}.party"
_UID = "gigya.{tenant}.uid"
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CLOCK = re.compile(
    r"PT(?:(\d{1,2})H)?(?:(\d{1,2})M)?(?:(\d{1,2})(?:\.\d+)?S)?|(\d\d):(\d\d):(\d\d)", re.ASCII
)
_PROVIDER = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)
_ADDRESS = "to_BusinessPartnerAddress"
_ADDRESS_PARTS = {"CityName": "city", "PostalCode": "postcode", "Region": "state", "Country": "country"}
_EXPANDED = f"{_ADDRESS}.results"
_LEFT_OUT_BELOW = (
    *("__metadata", "BusinessPartner", "AddressID", "Validity*", "Person", "OrdinalNumber", "IsDefault*"),
    *("SearchEmailAddress", "DestinationLocationCountry", "PhoneNumberType"),
)
_PERMISSION: dict[str, ConsentState] = {"allowed": "granted", "permitted": "granted", "prohibited": "denied"}
_CHANNELS = {
    "e-mail": "email",
    "email": "email",
    "phone": "phone",
    "chat": "chat",
    "internet": "web",
    "portal": "web",
}
_ACCOUNT_EVENTS = ("Signed Up", "Signed In", "Account Updated")
_DEEPEST = 8


class Sap(Adapter):
    """Reads what three systems of SAP send."""

    name = "sap"
    title = "SAP"
    about = (
        "Business partners and business events of S/4HANA, individual customers and service requests of Cloud for"
        " Customer, accounts and webhooks of Customer Data Cloud (Gigya). The tenant is a name of your choice for the"
        " system, or the group of sites."
    )
    kinds = (
        Kind(
            name="business partner", has=("BusinessPartner",), equal={"BusinessPartnerCategory": ("1",)},
            source=_PARTNER, id="BusinessPartner",
            identifiers={
                "BusinessPartner": _PARTNER,
                "Customer": "s4.{tenant}.customer",
                "BusinessPartnerUUID": "s4.{tenant}.uuid",
                "BusinessPartnerIDByExtSystem": "s4.{tenant}.external_id",
            },
            attributes={
                "FirstName": "first_name",
                "LastName": "last_name",
                "BusinessPartnerFullName": "full_name",
                "CorrespondenceLanguage": "language",
            },
            ignored=(
                *("__metadata", "Supplier", "IsNaturalPerson", "CreationDate", "CreationTime", "ETag", "CreatedByUser"),
                *("LastChangedByUser", "to_BuPaIdentification", "LastChangeDate", "LastChangeTime", "BirthDate"),
                *(f"{_EXPANDED}.{name}" for name in (*_LEFT_OUT_BELOW, "to_MobilePhoneNumber")),
                *(f"{_EXPANDED}.{to}.results.{name}" for name in _LEFT_OUT_BELOW
                  for to in ("to_EmailAddress", "to_PhoneNumber", "to_MobilePhoneNumber")),
            ),
            read="partner",
        ),
        Kind(
            name="organisation or group", has=("BusinessPartner", "BusinessPartnerCategory"), source=_PARTNER,
            ignored=("*",),
        ),
        Kind(
            name="business event", has=("specversion", "type", "source", "id", "data.BusinessPartner"), source=_PARTNER,
            id="id", times=("time",), identifiers={"data.BusinessPartner": _PARTNER},
            ignored=("specversion", "source", "datacontenttype"), read="business_event",
            events=("Business Partner Created", "Business Partner Changed"),
        ),
        Kind(
            name="individual customer", has=("ObjectID", "CustomerID"), source="c4c.{tenant}.customer", id="ObjectID",
            times=("EntityLastChangedOn", "ChangedOn", "CreationOn"), form="odata",
            identifiers={
                "CustomerID": _PARTY,
                "ObjectID": "c4c.{tenant}.object",
                "ExternalID": "c4c.{tenant}.external_id",
                "Email": "email",
                "NormalisedPhone": "phone",
                "NormalisedMobile": "phone",
                "Phone": "phone",
                "Mobile": "phone",
            },
            attributes={
                "FirstName": "first_name",
                "LastName": "last_name",
                "Street": "street",
                "City": "city",
                "StreetPostalCode": "postcode",
                "CountryCode": "country",
            },
            ignored=(
                *("__metadata", "UUID", "ExternalSystem", "EmailInvalidIndicator", "LifeCycleStatusCode*", "ETag"),
                *("CreationOn", "ChangedOn", "ContactPermissionCode"),
            ),
            read="customer",
        ),
        Kind(
            name="service request", has=("ObjectID", "ServiceRequestLifeCycleStatusCode"),
            source="c4c.{tenant}.service_request", id="ObjectID", times=("LastChangeDateTime", "CreationDateTime"),
            form="odata",
            ignored=(
                *("__metadata", "BuyerPartyName", "ReportedPartyID", "RequestedTotalProcessingDuration"),
                *("BuyerPartyID", "ServiceRequestUserLifeCycleStatusCode", "ServicePriorityCode", "DataOriginTypeCode"),
                *("ServiceRequestLifeCycleStatusCodeText", "ProcessorPartyID", "ETag"),
            ),
            read="request", events=("Ticket Opened", "Ticket Solved", "Ticket Closed"),
        ),
        Kind(
            name="webhook", has=("data.uid", "timestamp"),
            equal={
                "type": (
                    "accountRegistered", "accountCreated", "accountLoggedIn", "accountUpdated", "subscriptionUpdated",
                    "accountMerged", "accountDeleted",
                ),
            },
            source="gigya.{tenant}.account", id="id", times=("timestamp",), form="s", identifiers={"data.uid": _UID},
            ignored=("callId", "version", "apiKey", "data.accountType"), read="webhook", events=_ACCOUNT_EVENTS,
        ),
        Kind(
            name="other webhook", has=("type", "id", "timestamp", "apiKey"), source="gigya.{tenant}.account",
            ignored=("*",),
        ),
        Kind(
            name="account", has=("UID", "profile"), source="gigya.{tenant}.account", id="UID",
            times=("lastUpdated", "created"),
            identifiers={
                "UID": _UID,
                "loginIDs.username": "gigya.{tenant}.username",
                "phoneNumber": "phone",
            },
            attributes={
                "profile.firstName": "first_name",
                "profile.lastName": "last_name",
                "profile.address": "street",
                "profile.city": "city",
                "profile.zip": "postcode",
                "profile.state": "state",
                "profile.country": "country",
                "profile.gender": "sex",
                "profile.locale": "language",
            },
            ignored=(
                *("callId", "errorCode", "apiVersion", "statusCode", "statusReason", "time", "created*", "last*"),
                *("isRegistered", "isActive", "registered*", "verified*", "socialProviders", "loginProvider"),
                *("loginIDs.unverifiedEmails", "emails.unverified", "profile.phones.type"),
                *("identities.isLoginIdentity", "identities.is*", "identities.lastUpdated*"),
            ),
            read="account",
        ),
    )  # fmt: skip
    envelope_ignored = ("nonce", "timestamp", "d.__count", "d.__next", "__count")
    signature = "gigya"
    pitfalls = (
        "Numbers of business partners keep their leading zeros; only category 1 is a person.",
        "`LastChangeDate` is a day and `LastChangeTime` a clock in the zone of the system, which is the option"
        " `timezone`; without it a business partner is rejected. Days are UTC midnight, before 1970 negative.",
        "Connectors flatten days to `YYYY-MM-DD`, which is read too.",
        "`IsMarkedForArchiving` is a deletion; a blocked partner is still one, with the attribute `status`.",
        "`SearchEmailAddress` is in upper case and cut: it is no address. What is not expanded (`__deferred`) is not"
        " there: ask with `$expand`.",
        "Business events hold the key only: fetch the partner.",
        "Identifications of partners are passports and the like, and left out.",
        "Codes of contact permission differ by system: the text counts, in English.",
        "Subscribed and not confirmed (`doubleOptIn`) is pending, and no consent.",
        "E-mail addresses that nobody has verified are no identifiers.",
        "`accountDeleted` does not say why: it is a deletion, and no demand to forget.",
        "The signature is the HMAC in `X-Gigya-Sig-Hmac-Sha1`. `X-Gigya-Sig-Jwt` is refused: how the token is tied to"
        " the body is not documented, so that a valid one would prove nothing of what came with it.",
    )

    @classmethod
    def unwrap(cls, item: Item) -> list[Item]:
        """Finds the items in an object.

        Args:
            item: An object at the top of a payload.

        Returns:
            Results of OData, events of a webhook; else the object itself.
        """
        wrapped = item.data.get("d")
        if isinstance(wrapped, dict):
            return item.each("d.results" if isinstance(wrapped.get("results"), list) else "d")
        return item.each("events") if isinstance(item.data.get("events"), list) else [item]

    # ------------------------------------------------------------------------------------------ S/4HANA

    def partner(self, reading: Reading) -> None:
        """Makes a record, or a deletion of what is to be archived."""
        item = reading.item
        reading.at = self._changed_at(item) or reading.at
        if item.flag("IsMarkedForArchiving"):
            reading.delete(_PARTNER, reading.id or "")
            return
        for address in _expanded(item, _ADDRESS):
            street = " ".join(filter(None, (address.text("StreetName"), address.text("HouseNumber"))))
            told = {role: address.text(path) for path, role in _ADDRESS_PARTS.items()}
            for role, text in {"street": street or None, **told}.items():
                if text is not None:
                    reading.attributes.setdefault(role, text)
            for mail in _expanded(address, "to_EmailAddress"):
                _identify(reading, "email", mail.id("EmailAddress"))
            for path in ("to_PhoneNumber", "to_MobilePhoneNumber"):
                for phone in _expanded(address, path):
                    local = phone.id("PhoneNumber")
                    _identify(reading, "phone", phone.id("InternationalPhoneNumber") or local)
        status = "blocked" if item.flag("BusinessPartnerIsBlocked") else None
        reading.record(birth_date=_day(item, "BirthDate"), status=status)

    @staticmethod
    def _changed_at(item: Item) -> datetime | None:
        """Day and clock of the last change, in the zone of the system."""
        path = "LastChangeDate" if item.text("LastChangeDate") else "CreationDate"
        day, clock = _day(item, path), _CLOCK.fullmatch(item.text(path.replace("Date", "Time")) or "")
        if day is None or clock is None:
            return None
        if item.zone is None:
            raise item.refusal(
                path, "no_time_zone", "expected the zone of the system as the option `timezone`, got none"
            )
        hour, minute, second = (
            int(part or 0) for part in clock.groups()[slice(3, 6) if clock[4] else slice(0, 3)]
        )
        try:
            at = datetime.fromisoformat(day).replace(
                hour=hour, minute=minute, second=second, tzinfo=item.zone
            )
            return at.astimezone(UTC)
        except (ValueError, OverflowError):
            raise item.refusal(
                path, "unreadable_time", "expected a day and a clock, got something else"
            ) from None

    def business_event(self, reading: Reading) -> None:
        """Makes the event of a partner that was created or changed."""
        what = "Created" if ".Created." in f"{reading.item.need('type')}." else "Changed"
        reading.event(f"Business Partner {what}", {}, key=(reading.id,))

    # ------------------------------------------------------------------------------------------ Cloud for Customer

    def customer(self, reading: Reading) -> None:
        """Makes a record, and the consent change of the contact permission."""
        item = reading.item
        text = item.text("ContactPermissionCodeText")
        state = _PERMISSION.get((text or "").lower())
        if state is not None:
            reading.consent("any", "marketing", state)
        elif text is not None:
            item.note(
                "ContactPermissionCodeText",
                "unknown_state",
                "expected Allowed or Prohibited, got another text",
            )
        reading.record(birth_date=_day(item, "BirthDate"))

    def request(self, reading: Reading) -> None:
        """Makes the events of a service request."""
        item = reading.item
        _identify(reading, _PARTY, item.id("BuyerMainContactPartyID") or item.id("BuyerPartyID"))
        opened, done = item.time("CreationDateTime", "odata"), item.time("CompletionDateTime", "odata")
        if opened is not None:
            told = {
                "ticket_id": reading.id,
                "ticket_number": item.id("ID"),
                "subject": item.text("Name"),
                "priority": item.text("ServicePriorityCodeText"),
                "channel": _CHANNELS.get((item.text("DataOriginTypeCodeText") or "").lower()),
            }
            reading.event(TicketOpened, told, key=(reading.id, "opened"), at=opened)
        if done is None:
            return
        closed = item.text("ServiceRequestLifeCycleStatusCode") == "4"
        outcome = {
            "ticket_id": reading.id,
            "resolution": item.text("ServiceRequestUserLifeCycleStatusCodeText"),
            "resolution_seconds": (done - opened).total_seconds()
            if opened is not None and done >= opened
            else None,
        }
        for event in (TicketSolved, TicketClosed)[: 2 if closed else 1]:
            reading.event(event, outcome, key=(reading.id, event.event_name, done), at=done)

    # ------------------------------------------------------------------------------------------ Customer Data Cloud

    def webhook(self, reading: Reading) -> None:
        """Makes what a webhook says: an event, consent changes, a merge or a deletion."""
        item = reading.item
        kind, uid = item.need("type"), item.need("data.uid")
        if kind == "accountMerged":
            reading.merge(_UID, uid, item.need("data.newUid"))
        elif kind == "accountDeleted":
            reading.delete(_UID, uid)
        elif kind == "subscriptionUpdated":
            self._subscriptions(reading, "data.subscription")
        elif kind == "accountUpdated":
            reading.event("Account Updated", {}, key=(kind, reading.id))
        else:
            event = SignedIn if kind == "accountLoggedIn" else SignedUp
            reading.event(event, {}, key=(kind, reading.id))

    def account(self, reading: Reading) -> None:
        """Makes the record and the consent changes of an account."""
        item = reading.item
        verified = [one for path in ("loginIDs.emails", "emails.verified") for one in _texts(item, path)]
        for address in verified:
            _identify(reading, "email", address)
        written = item.id("profile.email")
        if item.flag("isVerified") and not verified:
            _identify(reading, "email", written)
        for phone in item.each("profile.phones"):
            _identify(reading, "phone", phone.id("number"))
        for one in item.each("identities"):
            provider, name = one.id("provider"), one.id("providerUID")
            if (
                provider is not None
                and name is not None
                and provider != "site"
                and _PROVIDER.fullmatch(provider)
            ):
                reading.identify(f"gigya.{{tenant}}.{provider.lower()}", name, "identities.providerUID")
        year, month, day = map(item.number, ("profile.birthYear", "profile.birthMonth", "profile.birthDay"))
        born = f"{year:04.0f}-{month:02.0f}-{day:02.0f}" if year and month and day else None
        self._subscriptions(reading, "subscriptions")
        preferences = item.part("preferences")
        if preferences is not None:
            self._preferences(reading, preferences, ())
        reading.record(birth_date=born)

    def _preferences(self, reading: Reading, node: Item, name: tuple[str, ...]) -> None:
        """Consents stand at any depth below ``preferences``."""
        if "isConsentGranted" in node.data:
            granted = node.flag("isConsentGranted")
            at = node.time("lastConsentModified") or node.time("actionTimestamp")
            node.seen.update(_OF_CONSENT)
            if granted is not None and name:
                reading.consent("any", ".".join(name), "granted" if granted else "denied", at=at)
            return
        for key, value in node.data.items():
            if isinstance(value, dict) and key and len(name) < _DEEPEST:
                self._preferences(reading, node.each(key)[0], (*name, key))

    @staticmethod
    def _subscriptions(reading: Reading, path: str) -> None:
        listed = reading.item.part(path)
        for name in listed.data if listed is not None else ():
            one = listed.part(f"{name}.email") if name and listed is not None else None
            wanted = one.flag("isSubscribed") if one is not None else None
            if one is None or wanted is None:
                continue
            waiting = one.text("doubleOptIn.status") == "NotConfirmed"
            state: ConsentState = "denied" if not wanted else "pending" if waiting else "granted"
            at = one.time("lastUpdatedSubscriptionState")
            reading.consent("email", f"subscription.{name}", state, at=at)


_OF_CONSENT = ("docVersion", "docDate", "tags", "entitlements", "actionTimestamp", "customData", "locale")
"""What stands beside a consent and is left out."""


def _expanded(item: Item, path: str) -> list[Item]:
    """What an expanded association leads to; none where it was not expanded."""
    return item.each(f"{path}.results") if isinstance(find(item.data, f"{path}.results"), list) else []


def _identify(reading: Reading, namespace: str, text: str | None) -> None:
    if text is not None:
        reading.identify(namespace, text)


def _texts(item: Item, path: str) -> list[str]:
    listed = item.raw(path)
    return [one for one in listed if type(one) is str and one.strip()] if isinstance(listed, list) else []


def _day(item: Item, path: str) -> str | None:
    """A day, as OData or flattened."""
    text = item.text(path)
    if text is None or _DAY.fullmatch(text):
        return text
    at = item.time(path, "odata")
    return at.date().isoformat() if at is not None else None
