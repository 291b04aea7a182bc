"""Tealium: events as EventStream and Collect hold them, and visitor profiles of AudienceStream."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from cxm_sdk._native.fields import writable
from cxm_sdk._native.paths import find
from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.item import Item
from cxm_sdk.adapters.reading import Reading
from cxm_sdk.adapters.times import UnreadableTimeError, read_time
from cxm_sdk.events.catalog.commerce import (
    CartViewed,
    CheckoutStarted,
    OrderCancelled,
    OrderCompleted,
    ProductAdded,
    ProductRemoved,
    ProductsSearched,
    ProductViewed,
)
from cxm_sdk.events.catalog.saas import SignedIn, SignedUp
from cxm_sdk.events.typed import TypedEvent

__all__ = ["Tealium"]

_VISITOR_IDS = ("tealium_visitor_id", "tealium_firstparty_visitor_id", "ut.visitor_id", "ut_visitor_id")
_KNOWN = re.compile(r"__[A-Za-z0-9.-]+_[A-Za-z0-9.-]+__(\d{1,9})_(.{1,400})__", re.DOTALL)
"""A visitor that is known by a value: ``__account_profile__attribute_value__``."""
_ATTRIBUTE = re.compile(r"\d{1,9}", re.ASCII)
_GA = re.compile(r"GA\d+\.\d+\.(\d+\.\d+)", re.ASCII)
"""The cookie of Google Analytics; behind its version stands what its export calls ``user_pseudo_id``."""

_PAGES = frozenset(("view", "page_view", "screen_view"))
_ORDERS: Mapping[str, type[TypedEvent]] = {
    "purchase": OrderCompleted,
    "order_completed": OrderCompleted,
    "order_cancelled": OrderCancelled,
    "checkout": CheckoutStarted,
    "checkout_start": CheckoutStarted,
}
_PRODUCTS: Mapping[str, type[TypedEvent]] = {
    "product_view": ProductViewed,
    "cart_add": ProductAdded,
    "cart_remove": ProductRemoved,
}
_OTHERS: Mapping[str, type[TypedEvent]] = {
    "cart_view": CartViewed,
    "user_login": SignedIn,
    "login": SignedIn,
    "user_register": SignedUp,
}
#: Categories of the consent manager by number.
_CATEGORIES = (
    *("analytics", "affiliates", "display_ads", "search", "email", "personalization", "social", "big_data"),
    *("mobile", "engagement", "monitoring", "crm", "cdp", "cookiematch", "misc"),
)
_CONSENT = ("cp.CONSENTMGR", "cp_CONSENTMGR", "CONSENTMGR")
_LINE = {
    "product_id": ("product_id", "_cprod"),
    "sku": ("product_sku",),
    "name": ("product_name", "_cprodname"),
    "brand": ("product_brand", "_cbrand"),
    "category": ("product_category", "_ccat"),
    "price": ("product_price", "product_unit_price"),
    "quantity": ("product_quantity", "_cquan"),
}


class Tealium(Adapter):
    """Reads events and visitors of Tealium."""

    name = "tealium"
    title = "Tealium"
    about = (
        "Events of EventStream, EventStore and the Collect API, alone and in bulk, and visitor profiles of"
        " AudienceStream. The tenant is the account."
    )
    kinds = (
        Kind(
            name="event",
            has=("tealium_event",),
            source="tealium.{tenant}",
            tenant=("tealium_account", "shared.tealium_account"),
            times=("tealium_timestamp_utc",),
            identifiers={
                "customer_email": "email",
                "customer_phone": "phone",
                "customer_email_sha256": "email_sha256",
                "customer_id": "tealium.{tenant}.customer",
            },
            ignored=(
                # About the tag, not the visitor.
                *(
                    "tealium_timestamp_local",
                    "tealium_timestamp_epoch",
                    "tealium_library_*",
                    "tealium_profile",
                ),
                *("tealium_environment", "tealium_datasource", "tealium_session_*", "tealium_random"),
                # Copies of cookies, scripts and queries hold personal data and sessions of others.
                *("cp.*", "cp_*", "js.*", "js_*", "qp.*", "qp_*", "meta.*", "dom.*", "dom_*", "ut.*", "ut_*"),
                *("timing.*", "browser.*", "event_id", "pageurl_*", "tci.*", "va.*", "_*", "product_*"),
                *("order_subtotal", "order_discount", "cart_*", "customer_first_name", "customer_last_name"),
                *(*_VISITOR_IDS, *_CONSENT),
            ),
            read="event",
            events=(
                *("page", "track", "Order Completed", "Order Cancelled", "Checkout Started", "Cart Viewed"),
                *("Product Viewed", "Product Added", "Product Removed", "Products Searched"),
                *("Signed In", "Signed Up"),
            ),
        ),
        Kind(
            name="visitor",
            has=("_id", "creation_ts", "updated_ts"),
            source="tealium.{tenant}.visitor",
            id="_id",
            times=("updated_ts", "creation_ts"),
            form="ms",
            ignored=(
                *("creation_ts", "current_visit", "audiences", "badges", "metrics", "flags", "dates"),
                *("metric_sets", "property_sets", "sequences", "expire_at", "entity_specs", "_pack*"),
            ),
            read="visitor",
        ),
    )
    envelope_ignored = ("shared.tealium_profile", "shared.tealium_environment", "shared.tealium_datasource")
    signature = None
    pitfalls = (
        "Nearly everything is text, numbers among it, and empty text is none. Products are lists that run in parallel.",
        "Times: `tealium_timestamp_utc`, else the seconds in `tealium_timestamp_epoch`, else `tealium_timestamp_local`,"
        " which needs the option `timezone`.",
        "A visitor id is a cookie, but `__account_profile__attribute_value__` names a person by the value.",
        "`customer_id` is an id of your own: the option `identifiers` says which, as in `{'customer_id': 'user_id'}`.",
        "Attributes of visitors are numbers that your account gives meaning: name those you want with the options"
        " `identifiers` and `attributes`, as in `{'properties.5688': 'email'}`.",
        "Of copied cookies only the visitor of Google Analytics is read; addresses come without their query.",
        "`replaces` are visitor ids that went into this one.",
    )

    @classmethod
    def unwrap(cls, item: Item) -> list[Item]:
        """Finds the events of a bulk, which share what stands beside them."""
        bulk = isinstance(find(item.data, "shared"), dict) and isinstance(find(item.data, "events"), list)
        return item.each("events") if bulk else [item]

    # ------------------------------------------------------------------------------------------ events

    def event(self, reading: Reading) -> None:
        """Makes the event, and the consent changes that its cookies tell of."""
        item = reading.item
        if item.time("tealium_timestamp_utc") is None:
            said = item.time("tealium_timestamp_epoch", "s")
            local = said is None and item.text("tealium_timestamp_local") is not None
            reading.at = item.time("tealium_timestamp_local") if local else said or reading.at
        names = [value for path in _VISITOR_IDS if (value := item.id(path)) is not None]
        if not names and (shared := item.up("shared.tealium_visitor_id")) is not None:
            names = [shared]
        for name in names:
            _visitor(reading, name)
        analytics = _GA.fullmatch(item.text("cp._ga") or item.text("cp__ga") or "")
        if analytics is not None:
            reading.identify("anonymous_id", analytics[1], "cp._ga")
        name = item.need("tealium_event")
        if name == "link":  # a click, of which the tag may name what it meant
            name = item.text("event_name") or name
        session = item.id("tealium_session_id")
        one = item.id("tealium_random") or item.path
        key = (name, *names, session, item.id("tealium_session_event_number"), one, reading.when())
        self._made(reading, name, key, session)
        _consents(reading)

    @staticmethod
    def _made(reading: Reading, name: str, key: tuple[object, ...], session: str | None) -> None:
        item, lines = reading.item, _lines(reading.item)
        page = {
            "url": item.url("dom.url") or item.url("dom_url"),
            "title": item.text("page_name") or item.text("dom.title"),
            "referrer": item.url("dom.referrer") or item.url("dom_referrer"),
        }
        page = {field: value for field, value in page.items() if value is not None}
        context = {"page": page} if page else {}
        currency = item.text("order_currency") or item.text("_ccurrency")
        told: dict[str, Any]
        order_id = item.id("order_id") or item.id("_corder")
        of = _ORDERS.get(name) or _OTHERS.get(name)
        kind = item.text("page_type")
        if name in _PAGES:
            told = {**page, "page_type": kind, "session_id": session}
            reading.page(page.get("title") or kind, told, key=key)
        elif name in _ORDERS and of is not None and (order_id is not None or of is CheckoutStarted):
            total = _amount(item, "order_total", "_ctotal")
            amount = {"value": total} if of is CheckoutStarted else {"total": total}
            told = {
                **amount,
                "order_id": order_id,
                "tax": _amount(item, "order_tax", "order_tax_amount", "_ctax"),
                "shipping": _amount(item, "order_shipping", "order_shipping_amount", "_cship"),
                "coupon": item.text("order_coupon_code") or item.text("order_promo_code"),
                "currency": currency,
                "products": lines,
            }
            reading.event(of, told, key=key, context=context)
        elif name in _PRODUCTS and lines:
            for index, line in enumerate(lines):
                told = {**line, "currency": currency}
                reading.event(_PRODUCTS[name], told, key=(*key, index), context=context)
        elif name == "search":
            query = item.text("search_keyword") or item.text("search_term")
            reading.event(ProductsSearched, {"query": query}, key=key, context=context)
        elif name in _OTHERS and of is not None:
            told = {"products": lines} if of is CartViewed else {}
            reading.event(of, told, key=key, context=context)
        else:
            reading.event(name, {"page_type": kind, "session_id": session}, key=key, context=context)

    # ------------------------------------------------------------------------------------------ visitors

    def visitor(self, reading: Reading) -> None:
        """Makes the record of a visitor, and the merges of those that it replaces."""
        item, name = reading.item, reading.id or ""
        known = item.part("secondary_ids")
        if known is not None:
            for attribute in list(known.data):
                value = known.id(attribute) if _ATTRIBUTE.fullmatch(attribute) else None
                if value is not None:
                    _named(reading, attribute, value)
        _visitor(reading, name)
        reading.record()
        replaced = item.raw("replaces")
        for loser in replaced if isinstance(replaced, list) else ():
            if (
                isinstance(loser, str)
                and 0 < len(loser) <= 512
                and writable(loser)
                and _KNOWN.fullmatch(loser) is None
            ):
                reading.merge("anonymous_id", loser, name)


def _visitor(reading: Reading, name: str) -> None:
    """Adds what a visitor id names: a browser, or somebody by a value."""
    known = _KNOWN.fullmatch(name)
    if known is None:
        reading.identify("anonymous_id", name)
    else:
        _named(reading, known[1], known[2])


def _named(reading: Reading, attribute: str, value: str) -> None:
    """Adds an address, or an id that is told by the number of its attribute."""
    reading.identify("email" if "@" in value else f"tealium.{{tenant}}.attribute_{attribute}", value)


def _amount(item: Item, *paths: str) -> Decimal | None:
    for path in paths:
        amount = item.number(path)
        if amount is not None:
            return amount
    return None


def _lines(item: Item) -> list[dict[str, Any]]:
    """Products: lists that run in parallel, or single values."""
    columns: dict[str, list[str | None]] = {}
    for field, paths in _LINE.items():
        for path in paths:
            column = _column(item, path)
            if column:
                columns[field] = column
                break
    lines = []
    for index in range(max(len(columns.get("product_id", ())), len(columns.get("sku", ())))):
        line: dict[str, Any] = {
            field: column[index]
            for field, column in columns.items()
            if index < len(column) and column[index] is not None
        }
        for field in ("price", "quantity"):
            if field in line and not _NUMBER.fullmatch(line[field]):
                item.note(f"product_{field}", "wrong_type", "expected numbers, got other text")
                del line[field]
        if "quantity" in line:
            line["quantity"] = float(line["quantity"])
        lines.append(line)
    return lines


_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?", re.ASCII)


def _column(item: Item, path: str) -> list[str | None]:
    value = item.raw(path)
    if value is None:
        return []
    listed = value if isinstance(value, list) else [value]
    texts = [one if type(one) is str else str(one) if type(one) in (int, float) else "" for one in listed]
    found = [text if text and len(text) <= 512 and writable(text) else None for text in texts]
    return found if any(found) else []


_SHORT = {f"c{number}": name for number, name in enumerate(_CATEGORIES, start=1)}
"""Categories by how the cookie calls them."""


def _consents(reading: Reading) -> None:
    """Makes the consent changes that the consent manager's cookie tells of, such as ``c1:1|c2:0|ts:1700000000000``."""
    text = next(filter(None, map(reading.item.text, _CONSENT)), None)
    if text is None or len(text) > 2_000:
        return
    told = dict(part.partition(":")[::2] for part in text.replace("%7C", "|").replace("%3A", ":").split("|"))
    try:
        at = read_time(told.get("ts"), "ms")
    except UnreadableTimeError:
        at = reading.when()
    listed = [(name, told.get(short)) for short, name in _SHORT.items()]
    if not any(value in ("0", "1") for _, value in listed):
        listed = [("tracking", {"true": "1", "false": "0"}.get(told.get("consent", "")))]
    for name, value in listed:
        if value in ("0", "1"):
            reading.consent("web", name, "granted" if value == "1" else "denied", at=at)
