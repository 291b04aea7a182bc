"""Adobe Experience Platform: profiles and experience events in XDM, with and without prefixes, alone or streamed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from cxm_sdk._native.fields import writable
from cxm_sdk._native.paths import find, there
from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.item import Gathered, Item
from cxm_sdk.adapters.parsed import ConsentState, message_id
from cxm_sdk.adapters.reading import Reading
from cxm_sdk.events.catalog.campaign import EmailSent
from cxm_sdk.events.catalog.commerce import (
    CartViewed,
    CheckoutStarted,
    OrderCompleted,
    ProductAdded,
    ProductAddedToWishlist,
    ProductRemoved,
    ProductViewed,
)
from cxm_sdk.events.catalog.email import (
    EmailBounced,
    EmailDelivered,
    EmailLinkClicked,
    EmailMarkedAsSpam,
    EmailOpened,
    Unsubscribed,
)
from cxm_sdk.events.catalog.mobile import PushNotificationTapped
from cxm_sdk.events.typed import TypedEvent

__all__ = ["AdobeXdm"]

_PREFIXES = ("", "xdm:")
_PROFILE = "xdm.{tenant}.profile"

#: What a namespace of the identity map is: codes in lower case, and the numbers at the end of addresses.
_NAMESPACES: Mapping[str, str] = {
    **dict.fromkeys(("email", "6"), "email"),
    **dict.fromkeys(("phone", "phone_e.164", "7"), "phone"),
    **dict.fromkeys(("email_lc_sha256", "11"), "email_sha256"),
    "phone_sha256_e.164": "phone_sha256",
    # Browsers and apps, not people.
    **dict.fromkeys(("ecid", "4", "aaid", "10", "tntid", "9", "waid", "8", "core", "0"), "anonymous_id"),
    **dict.fromkeys(("fpid", "avid", "adcloud", "411"), "anonymous_id"),
    **dict.fromkeys(("gaid", "20914", "idfa", "20915"), "device_id"),
}
_STATES: Mapping[str, ConsentState] = {
    "y": "granted",
    "n": "denied",
    "p": "pending",
    **dict.fromkeys(("u", "dy", "dn"), "unset"),
    # Allowed for another reason than consent, which is then the legal basis.
    **dict.fromkeys(("vi", "li", "ct", "cp", "pi"), "granted"),
}
_OPT: Mapping[str, ConsentState] = {
    "in": "granted", "out": "denied", "pending": "pending", "not_provided": "unset",
}  # fmt: skip
_CHANNELS = {"call": "phone", "postalMail": "mail", "direct-mail": "mail", "apns": "push", "fcm": "push"}

_NAMES = {
    "person.name.firstName": "first_name", "person.name.middleName": "middle_name",
    "person.name.lastName": "last_name", "person.name.fullName": "full_name",
    "person.birthDate": "birth_date", "person.gender": "sex",
    "homeAddress.street1": "street", "homeAddress.city": "city", "homeAddress.postalCode": "postcode",
    "homeAddress.stateProvince": "state", "homeAddress.country": "country",
    "loyalty.tier": "loyalty_tier", "loyalty.program": "loyalty_program",
}  # fmt: skip
_REACHED = {
    "personalEmail.address": "email",
    "workEmail.address": "email",
    "mobilePhone.number": "phone",
    "personID": "xdm.{tenant}.person",
    "endUserIDs._experience.mcid.id": "anonymous_id",
}
#: By type of event in lower case. The same names stand for counters below ``commerce`` where no type is given.
_ORDERS: Mapping[str, type[TypedEvent]] = {
    "commerce.purchases": OrderCompleted,
    "commerce.checkouts": CheckoutStarted,
    "commerce.productlistviews": CartViewed,
}
_PRODUCTS: Mapping[str, type[TypedEvent]] = {
    "commerce.productviews": ProductViewed,
    "commerce.productlistadds": ProductAdded,
    "commerce.productlistremovals": ProductRemoved,
    "commerce.saveforlaters": ProductAddedToWishlist,
}
_EMAILS: Mapping[str, type[TypedEvent]] = {
    "directmarketing.emailsent": EmailSent,
    "directmarketing.emaildelivered": EmailDelivered,
    "directmarketing.emailopened": EmailOpened,
    "directmarketing.emailclicked": EmailLinkClicked,
    "directmarketing.emailbounced": EmailBounced,
    "directmarketing.emailmarkedspam": EmailMarkedAsSpam,
    "directmarketing.emailunsubscribed": Unsubscribed,
}
_TAPPED = frozenset(("pushtracking.applicationopened", "pushtracking.customaction"))
_PAGE = "web.webpagedetails.pageviews"
_COUNTERS = (
    *("commerce.purchases", "commerce.checkouts", "commerce.productListAdds", "commerce.productListRemovals"),
    *("commerce.productListViews", "commerce.saveForLaters", "commerce.productViews"),
    *("web.webInteraction.linkClicks", "web.webPageDetails.pageViews"),
)

_EVENT_IGNORED = (
    *("environment", "device", "placeContext", "channel", "dataSource", "application", "profileStitch"),
    *("segmentMemberships", "segments", "implementationDetails", "receivedTimestamp", "producedBy"),
    *("identityMap.*", "productListItems.*", "shipping", "advertising", "search", "userAgent"),
    *("commerce.order.payments", "commerce.order.purchaseOrderNumber", "order.payment"),
    *("marketing.trackingCode", "web.webPageDetails.server", "web.webPageDetails.errorPage"),
    *("web.webPageDetails.homePage", "web.webPageDetails.siteSection", "web.webReferrer.referrerType"),
    "pushNotificationTracking.customAction.value",
)
#: Where somebody works is shared with colleagues, and a telephone at home with the family; the rest is derived.
_PROFILE_IGNORED = (
    *("workAddress", "workPhone", "homePhone", "faxPhone", "orgUnit", "geoUnit", "segments"),
    *("segmentMembership", "person.birthDayAndMonth", "identityMap.*", "personalEmail.*", "workEmail.*"),
    *("mobilePhone.*", "loyalty.joinDate", "loyalty.points", "loyalty.pointsRedeemed"),
    *("consents.marketing.preferred", "consents.marketing.any.reason", "consents.marketing.email.reason"),
    "consents.marketing.push.reason",
)


@lru_cache(maxsize=512)
def _prefixed(prefix: str, path: str) -> str:
    """A path as it is written with prefixes: every key has one."""
    if not prefix:
        return path
    return ".".join(key if key == "*" else f"{prefix}{key}" for key in path.split("."))


def _all(prefix: str, *paths: str) -> tuple[str, ...]:
    return tuple(_prefixed(prefix, path) for path in paths)


@dataclass(frozen=True, kw_only=True)
class _IdentityMap(Kind):
    """An identity map alone: its keys are namespaces, so that only its form tells it."""

    def matches(self, data: Any) -> bool:
        """Whether every value is a list of objects with an id, and there is one."""
        lists = list(data.values()) if type(data) is dict else []
        return bool(lists) and all(
            isinstance(one, list)
            and bool(one)
            and all(isinstance(entry, dict) and ("id" in entry or "xdm:id" in entry) for entry in one)
            and all(set(entry) <= _IN_ENTRY for entry in one)
            for one in lists
        )

    @property
    def conditions(self) -> int:
        """As much as one field: anything that asks for more is more particular."""
        return 1


_MARKERS = ("identityMap", "person", "consents", "optInOut", "loyalty")
"""What profiles have, at least one of them."""

_IN_ENTRY = {f"{prefix}{key}" for prefix in _PREFIXES for key in ("id", "primary", "authenticatedState")}


def _event(prefix: str, name: str, *has: str, times: tuple[str, ...] = ("timestamp",)) -> Kind:
    return Kind(
        name=f"{name}, {'with' if prefix else 'without'} prefixes",
        has=_all(prefix, *has),
        source="xdm.{tenant}.event",
        tenant="header.imsOrgId",
        times=_all(prefix, *times),
        identifiers={_prefixed(prefix, path): of for path, of in _REACHED.items()},
        ignored=_all(prefix, *_EVENT_IGNORED, *(f"{counter}.value" for counter in _COUNTERS)),
        read="event",
        events=(
            *("page", "track", "Order Completed", "Checkout Started", "Cart Viewed", "Product Viewed"),
            *("Product Added", "Product Removed", "Product Added to Wishlist", "Email Sent"),
            *("Email Delivered", "Email Opened", "Email Link Clicked", "Email Bounced"),
            *("Email Marked as Spam", "Unsubscribed", "Push Notification Tapped"),
        ),
    )


def _profile(prefix: str, marker: str) -> Kind:
    return Kind(
        name=f"profile with {marker}, {'with' if prefix else 'without'} prefixes",
        has=(_prefixed(prefix, marker),),
        source=_PROFILE,
        tenant="header.imsOrgId",
        times=_all(prefix, "modifiedDate", "repositoryLastModifiedDate", "consents.metadata.time"),
        identifiers={_prefixed(prefix, path): of for path, of in _REACHED.items()},
        attributes={_prefixed(prefix, path): role for path, role in _NAMES.items()},
        ignored=_all(prefix, *_PROFILE_IGNORED),
        read="profile",
    )


class AdobeXdm(Adapter):
    """Reads XDM entities."""

    name = "adobe_xdm"
    title = "Adobe Experience Platform (XDM)"
    about = (
        "Profiles, identity maps, consents and experience events, with the prefix `xdm:` as schemas show them or"
        " without it as they are sent; alone, in the streaming envelope, or in batches of it. The tenant is the IMS"
        " organisation."
    )
    kinds = (
        *(
            kind
            for prefix in _PREFIXES
            for kind in (
                _event(prefix, "event", "timestamp", "eventType"),
                _event(prefix, "event without type", "timestamp", "identityMap"),
                _event(prefix, "order", "productListItems", "order", times=("order.orderDate", "timestamp")),
                *map(_profile, [prefix] * len(_MARKERS), _MARKERS),
            )
        ),
        _IdentityMap(name="identity map", source=_PROFILE, read="identities"),
    )
    envelope_ignored = ("header.*", "body.xdmMeta*")
    signature = None
    pitfalls = (
        "An ECID is a browser or app and no person, authenticated or not; so are other cookies of Adobe.",
        "Identity namespaces of your own are ids of people, `xdm.{tenant}.CODE`; numbers of your own say nothing"
        " and are noted.",
        "Events without a type are what the first counter that is set tells: purchases before page views.",
        "A field of your own, below `_yourname`, is read where the options `identifiers` and `attributes` name it.",
        "`y` and `n` are consent; `VI`, `LI` and the like allow for another legal basis; defaults are no consent.",
        "Prices of lines are totals of the line: the price of a piece is known for one piece only.",
        "Entities rarely have an id: records are named after their first identity.",
        "Work addresses are shared with colleagues and left out. Addresses of pages come without their query.",
        "There are no merges in the data; deletions are privacy requests outside of it.",
    )

    @classmethod
    def unwrap(cls, item: Item) -> list[Item]:
        """Finds entities in the streaming envelope."""
        if isinstance(find(item.data, "messages"), list):
            return [one for message in item.each("messages") for one in cls.unwrap(message)]
        if isinstance(find(item.data, "body.xdmEntity"), dict):
            return item.each("body.xdmEntity")
        return [item]

    # ------------------------------------------------------------------------------------------ profiles

    def profile(self, reading: Reading) -> None:
        """Makes the record and the consent changes of a profile."""
        item, prefix = reading.item, _prefix_of(reading.item)
        identities = item.part(f"{prefix}identityMap")
        if identities is not None:
            _identify(reading, identities)
        loyalty = item.raw(_prefixed(prefix, "loyalty.loyaltyID"))
        for card in loyalty if isinstance(loyalty, list) else [loyalty]:
            if isinstance(card, str) and card and writable(card):
                reading.identify("loyalty_id", card, "loyalty.loyaltyID")
        consents = item.part(f"{prefix}consents")
        if consents is not None:
            _consents(reading, consents, prefix)
            specific = consents.part(f"{prefix}idSpecific")
            if specific is not None:
                _specific(reading, specific, prefix)
        choices = item.part(f"{prefix}optInOut")
        if choices is not None:
            _opted(reading, choices, prefix)
        _record(reading)

    def identities(self, reading: Reading) -> None:
        """Makes the record of an identity map."""
        _identify(reading, reading.item)
        _record(reading)

    # ------------------------------------------------------------------------------------------ events

    def event(self, reading: Reading) -> None:
        """Makes the event that the type tells of, or the counters where there is no type."""
        item, prefix = reading.item, _prefix_of(reading.item)
        identities = item.part(f"{prefix}identityMap")
        if identities is not None:
            _identify(reading, identities)
        kind = item.text(f"{prefix}eventType") or _counted(item, prefix)
        if kind is None:
            if not reading.identifiers:
                raise item.refusal("", "names_nobody", "expected an identifier of a customer, got none")
            raise item.refusal("eventType", "missing", "expected a type of event or a counter, got neither")
        who = [f"{one.namespace}:{one.value}" for one in reading.identifiers]
        key = (kind, item.id(f"{prefix}_id") or item.id("@id") or reading.when(), *who)
        page = {
            "url": item.url(_prefixed(prefix, "web.webPageDetails.URL")),
            "title": item.text(_prefixed(prefix, "web.webPageDetails.name")),
            "referrer": item.url(_prefixed(prefix, "web.webReferrer.URL")),
        }
        page = {name: value for name, value in page.items() if value is not None}
        self._made(reading, prefix, kind, key, page)

    @staticmethod
    def _made(
        reading: Reading, prefix: str, kind: str, key: tuple[object, ...], page: dict[str, Any]
    ) -> None:
        item, which = reading.item, kind.lower()
        order = _order(item, prefix)
        context = {"page": page} if page else {}
        of = _ORDERS.get(which)
        if which == _PAGE:
            section = item.text(_prefixed(prefix, "web.webPageDetails.siteSection"))
            reading.page(page.get("title"), {**page, "site_section": section}, key=key)
        elif of is CartViewed:
            reading.event(of, {"products": order["products"]}, key=key, context=context)
        elif of is not None and (of is not OrderCompleted or order["order_id"] is not None):
            reading.event(of, order, key=key, context=context)
        elif which in _PRODUCTS and order["products"]:
            for index, product in enumerate(order["products"]):
                told = {"currency": order["currency"], **product}
                reading.event(_PRODUCTS[which], told, key=(*key, index), context=context)
        elif which in _EMAILS:
            campaign = item.id(_prefixed(prefix, "marketing.trackingCode"))
            reading.event(_EMAILS[which], {"campaign_id": campaign}, key=key)
            if _EMAILS[which] is Unsubscribed:
                reading.consent("email", "marketing", "denied")
        elif which in _TAPPED:
            tracking = f"{prefix}pushNotificationTracking.{prefix}"
            told = {
                "action": item.text(f"{tracking}customAction.{prefix}actionID"),
                "provider": item.text(f"{tracking}pushProvider"),
                "push_id": item.id(f"{tracking}pushProviderMessageID"),
            }
            reading.event(PushNotificationTapped, told, key=key)
        else:
            told = {
                "link_name": item.text(_prefixed(prefix, "web.webInteraction.name")),
                "link_url": item.url(_prefixed(prefix, "web.webInteraction.URL")),
                **({} if order["order_id"] is None and not order["products"] else order),
            }
            reading.event(kind, told, key=key, context=context)


def _prefix_of(item: Item) -> str:
    for key in item.data:
        if isinstance(key, str) and key.startswith("xdm:"):
            return "xdm:"
    return ""


def _record(reading: Reading) -> None:
    """Makes the record of a profile, which is named after its id, else its first identity."""
    name = reading.item.id("_id") or reading.item.id("@id")
    first = next(iter(reading.identifiers), None)
    if first is None:
        raise reading.item.refusal("", "names_nobody", "expected an identifier of a customer, got none")
    reading.record(name or message_id(first.namespace, first.value))


def _place(code: str) -> str | None:
    """The namespace for a code or address of an identity namespace; None where nobody can tell what it names."""
    _, slash, last = code.rpartition("/")
    key = last.lower()
    if slash:
        return _NAMESPACES.get(key)
    if not key.isdecimal() and key in _NAMESPACES:
        return _NAMESPACES[key]
    named = 0 < len(key) <= 64 and all(c.isalnum() or c in "_-" for c in key) and key.isascii()
    return f"xdm.{{tenant}}.{key}" if named else None


def _identify(reading: Reading, identities: Item) -> None:
    """Adds the identities of a map."""
    for code in list(identities.data):
        namespace = _place(code)
        if namespace is None:
            identities.note("", "unknown_namespace", "expected a known identity namespace, got another")
            identities.seen.add(code)
            continue
        for entry in identities.each(code):
            prefix = "xdm:" if "xdm:id" in entry.data else ""
            # Whether it was authenticated makes no person of a browser, and no browser of a person.
            entry.seen.add(f"{prefix}authenticatedState")
            value, primary = entry.id(f"{prefix}id"), entry.flag(f"{prefix}primary")
            made = reading.identify(namespace, value) if value is not None else None
            if made is not None and primary and made in reading.identifiers:
                reading.identifiers.remove(made)
                reading.identifiers.insert(0, made)


_PURPOSES = (
    *(("collect", "collection"), ("share", "sharing")),
    *(("adID", "ad_id"), ("personalize.content", "personalization")),
)
_ASKED = {prefix: [(_prefixed(prefix, path), of) for path, of in _PURPOSES] for prefix in _PREFIXES}
"""Path and purpose of consents that hold for every channel, by prefix."""


def _consents(reading: Reading, consents: Item, prefix: str) -> None:
    """Makes the consent changes of a customer, or of one identity."""
    since = consents.time(_prefixed(prefix, "metadata.time"))
    consents.seen.add(_prefixed(prefix, "adID.idType"))
    for path, purpose in _ASKED[prefix]:
        if there(consents.data, path):
            _consent(reading, consents, path, "any", purpose, since)
    marketing = consents.part(f"{prefix}marketing")
    for key, told in marketing.data.items() if marketing is not None else ():
        if marketing is not None and type(told) is dict:
            channel = key.removeprefix(prefix)
            if 0 < len(channel) <= 64 and channel.isascii() and channel.isalnum():
                known = _CHANNELS.get(channel, channel.lower())
                _consent(reading, marketing, key, known, "marketing", since)


def _consent(
    reading: Reading, over: Item, path: str, channel: str, purpose: str, since: datetime | None
) -> None:
    prefix = "xdm:" if path.startswith("xdm:") else ""
    told = over.text(f"{path}.{prefix}val")
    if told is None:
        return
    word = told.lower()
    state = _STATES.get(word)
    if state is None:
        over.note(f"{path}.{prefix}val", "unknown_state", "expected a value of consent, got another")
        return
    basis = told if state == "granted" and word != "y" else None
    at = over.time(f"{path}.{prefix}time") or since
    reading.consent(channel, purpose, state, at=at, legal_basis=basis)


def _specific(reading: Reading, specific: Item, prefix: str) -> None:
    """Makes the consent changes that hold for one identity only."""
    everybody = reading.identifiers
    for code in list(specific.data):
        namespace, ids = _place(code), specific.part(code)
        if ids is None or namespace is None:
            continue
        for value in [key for key, one in ids.data.items() if isinstance(one, dict)]:
            reading.identifiers, told = [], ids.part(value)
            if told is None or reading.identify(namespace, value) is None:
                continue
            _consents(reading, told, prefix)
            for one in (told, *(child for below in told.children.values() for child in below)):
                for note in one.notes:  # a path would tell the identity, which is a key here
                    specific.note("", note.reason, note.detail)
                one.notes.clear()
    reading.identifiers = everybody


def _opted(reading: Reading, choices: Item, prefix: str) -> None:
    """Makes the consent changes of the older map of channels."""
    for key in list(choices.data):
        state = _OPT.get(choices.text(key) or "") if "/" in key else None
        channel = key.rpartition("/")[2]
        if state is not None and 0 < len(channel) <= 64:
            reading.consent(_CHANNELS.get(channel, channel), "marketing", state)
    if choices.flag(f"{prefix}globalOptout"):
        reading.consent("any", "marketing", "denied")


def _counted(item: Item, prefix: str) -> str | None:
    """The type of event of which something was counted."""
    for counter in _COUNTERS:
        if (item.number(_prefixed(prefix, f"{counter}.value")) or 0) > 0:
            return counter
    return None


def _order(item: Item, prefix: str) -> dict[str, Any]:
    """What an event says about an order and products."""
    lines = item.each(f"{prefix}productListItems")
    products = [_product(one, prefix) for one in lines]
    codes = [one.text(f"{prefix}currencyCode") for one in lines]
    at = _prefixed(prefix, "commerce.order") if find(item.data, f"{prefix}commerce") else f"{prefix}order"
    codes.insert(0, item.text(f"{at}.{prefix}currencyCode"))
    return {
        "order_id": item.id(f"{at}.{prefix}purchaseID") or item.id(f"{at}.{prefix}orderID"),
        "currency": next(filter(None, codes), None),
        "products": products,
        "total": item.number(f"{at}.{prefix}priceTotal"),
    }


_LINE: dict[str, Gathered] = {
    at: (
        *(("sku", "text", f"{at}SKU"), ("name", "text", f"{at}name")),
        *(("quantity", "number", f"{at}quantity"), ("price_total", "number", f"{at}priceTotal")),
    )
    for at in _PREFIXES
}


def _product(one: Item, prefix: str) -> dict[str, Any]:
    told = one.gather(_LINE[prefix])
    total = told.pop("price_total", None)
    if total is not None:
        alone = told.get("quantity") == 1
        told["price" if alone else "price_total"] = total if alone else float(total)
    return told
