"""Google Analytics 4: rows of the export to BigQuery, as JSON files hold them or as client libraries return them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from cxm_sdk._native.fields import writable
from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.item import Gathered, Item, bare_url
from cxm_sdk.adapters.parsed import ConsentState
from cxm_sdk.adapters.reading import Reading
from cxm_sdk.events.catalog.commerce import (
    CartViewed,
    CheckoutStarted,
    CheckoutStepCompleted,
    OrderCompleted,
    OrderRefunded,
    PaymentInfoEntered,
    ProductAdded,
    ProductAddedToWishlist,
    ProductClicked,
    ProductListViewed,
    ProductRemoved,
    ProductViewed,
)
from cxm_sdk.events.catalog.saas import SignedIn, SignedUp
from cxm_sdk.events.typed import TypedEvent

__all__ = ["Ga4BigQuery"]

_VALUES = ("string_value", "int_value", "float_value", "double_value")
_NOTHING = frozenset(("(not set)", "(none)", "(direct)", "(not provided)", "(data not available)"))
_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
_NO_DEVICE = "00000000-0000-0000-0000-000000000000"
_STATES: Mapping[str, ConsentState] = {"Yes": "granted", "No": "denied"}
#: Parameters that are told elsewhere, or are about how rows are made.
_TOLD = frozenset(
    (
        *("ga_session_id", "ga_session_number", "engaged_session_event", "entrances", "session_engaged"),
        *("page_location", "page_referrer", "page_title", "transaction_id", "currency", "value", "tax"),
        *("shipping", "coupon", "batch_ordering_id", "batch_page_id", "gclid", "gclsrc", "dclid", "srsltid"),
        *("ignore_referrer", "campaign", "campaign_id", "source", "medium", "term", "content"),
    )
)

#: Events about products: one event for each product.
_PRODUCTS: Mapping[str, type[TypedEvent]] = {
    "view_item": ProductViewed,
    "select_item": ProductClicked,
    "add_to_cart": ProductAdded,
    "remove_from_cart": ProductRemoved,
    "add_to_wishlist": ProductAddedToWishlist,
}
#: Events about lists of products, carts and orders, with the properties that each has.
_LISTS: Mapping[str, tuple[type[TypedEvent], tuple[str, ...]]] = {
    "view_item_list": (ProductListViewed, ("products",)),
    "view_cart": (CartViewed, ("products",)),
    "begin_checkout": (CheckoutStarted, ("products", "currency", "value", "coupon")),
    "add_shipping_info": (CheckoutStepCompleted, ()),
    "add_payment_info": (PaymentInfoEntered, ()),
    "login": (SignedIn, ()),
    "sign_up": (SignedUp, ()),
}
#: Events that tell of an order, a cart or products.
_ORDERED = frozenset(("purchase", "refund", *_PRODUCTS, *_LISTS))


class Ga4BigQuery(Adapter):
    """Reads rows of the export of Google Analytics 4 to BigQuery."""

    name = "ga4_bigquery"
    title = "Google Analytics 4 (BigQuery export)"
    about = (
        "Rows of the tables `events_…`, one event each, with numbers as text (JSON files) or as numbers (client"
        " libraries). The tenant is the data stream."
    )
    kinds = (
        Kind(
            name="event",
            has=("event_name", "event_timestamp", "event_params"),
            source="ga4.{tenant}",
            tenant="stream_id",
            times=("event_timestamp",),
            form="us",
            identifiers={"user_id": "user_id", "user_pseudo_id": "anonymous_id"},
            ignored=(
                # The date is in the zone of the property; the server's offset and earlier events are of other times.
                *(
                    "event_date",
                    "event_previous_timestamp",
                    "event_server_timestamp_offset",
                    "event_dimensions",
                ),
                *(
                    "event_value_in_usd",
                    "user_first_touch_timestamp",
                    "user_ltv",
                    "is_active_user",
                    "app_info",
                ),
                # The first visit's source, not this one's; ids of clicks.
                *("traffic_source", "session_traffic_source_last_click", "collected_traffic_source.*"),
                *("geo", "device.*", "privacy_info.uses_transient_token", "publisher"),
                *("ecommerce", "ecommerce.*", "items", "items.*", "platform"),
            ),
            read="event",
            events=(
                *("page", "Order Completed", "Order Refunded", "Product Viewed", "Product Clicked"),
                *("Product Added", "Product Removed", "Product Added to Wishlist", "Product List Viewed"),
                *("Cart Viewed", "Checkout Started", "Checkout Step Completed", "Payment Info Entered"),
                *("Signed In", "Signed Up", "track"),
            ),
        ),
    )
    signature = None
    pitfalls = (
        "Without consent a row has no `user_pseudo_id`: it names nobody and is rejected.",
        "A purchase may stand in several rows: its id is made of `transaction_id`, so that copies are told.",
        "Amounts are those in the currency of the event; those in dollars (`…_in_usd`) are left out.",
        "`ga_session_id` is the second a session began in, and unique only with `user_pseudo_id`.",
        "Addresses of pages come without their query, which may hold personal data; ids of ad clicks are dropped.",
        "Events that the catalogue does not have keep the name that Google Analytics has for them.",
        "`traffic_source` is that of the first visit and left out.",
        "Deleting a user in Google Analytics leaves the exported rows as they are.",
    )

    def event(self, reading: Reading) -> None:
        """Makes the event of a row, the record of a known user's properties, and the consent changes."""
        item = reading.item
        name, params = item.need("event_name"), _params(item, "event_params")
        if item.text("device.is_limited_ad_tracking") != "Yes":
            for path in ("device.advertising_id", "device.vendor_id"):
                device = item.id(path)
                if device is not None and device != _NO_DEVICE:
                    reading.identify("device_id", device, path)
        context = _context(item, params)
        batch = ("event_bundle_sequence_id", "batch_page_id", "batch_ordering_id", "batch_event_index")
        key = (
            *(name, item.id("user_id"), item.id("user_pseudo_id"), reading.when()),
            *(item.id(path) for path in batch),
        )
        self._made(reading, name, params, key, context)
        for storage, purpose in (("analytics_storage", "analytics"), ("ads_storage", "advertising")):
            state = _STATES.get(item.text(f"privacy_info.{storage}") or "")
            if state is not None:
                reading.consent("web", purpose, state)
        user, known = item.id("user_id"), _params(item, "user_properties")
        if user is not None and known:
            reading.attributes.update({role: str(value) for role, value in known.items()})
            reading.record(user)

    @staticmethod
    def _made(
        reading: Reading,
        name: str,
        params: dict[str, Any],
        key: tuple[object, ...],
        context: dict[str, Any],
    ) -> None:
        """Makes the event, of the class that is for it where there is one."""
        item = reading.item
        order = _order(item, params) if name in _ORDERED else {"order_id": None, "products": []}
        free = {param: value for param, value in params.items() if param not in _TOLD}
        session, visitor = params.get("ga_session_id"), item.id("user_pseudo_id")
        if session is not None and visitor is not None:
            free["session_id"] = f"{visitor}.{session}"

        def make(of: type[TypedEvent], told: Mapping[str, Any], key: tuple[object, ...] = key) -> None:
            known = _fields(of)
            rest = {param: value for param, value in free.items() if param not in known}
            reading.event(of, {**rest, **told}, key=key, context=context)

        if name in ("page_view", "screen_view"):
            page = context.get("page", {})
            title = page.get("title") or params.get("firebase_screen")
            reading.page(None if title is None else str(title), {**free, **page}, key=key, context=context)
        elif name == "purchase" and order["order_id"] is not None:
            make(OrderCompleted, order, ("purchase", order["order_id"]))
        elif name == "refund" and order["order_id"] is not None:
            told = {which: order[which] for which in ("order_id", "currency", "products")}
            make(OrderRefunded, {**told, "total": item.number("ecommerce.refund_value") or order["total"]})
        elif name in _PRODUCTS and order["products"]:
            for index, product in enumerate(order["products"]):
                make(_PRODUCTS[name], {**product, "currency": order["currency"]}, (*key, index))
        elif name in _LISTS:
            of, which = _LISTS[name]
            make(of, {one: order[one] for one in which})
        else:
            value = {"value": params.get("value"), "currency": params.get("currency")}
            reading.event(name, {**free, **value}, key=key, context=context)


@cache
def _fields(of: type[TypedEvent]) -> frozenset[str]:
    """Names of what a class of events tells."""
    return frozenset(of.model_fields)


def _params(item: Item, path: str) -> dict[str, Any]:
    """Values by name. Each stands in one of four fields, by its type; whole numbers may be text."""
    found: dict[str, Any] = {}
    for one in item.each(path):
        name, value = one.text("key"), one.raw("value")
        if name is None or type(value) is not dict:
            continue
        for field in _VALUES:
            told = value.get(field)
            if told is None:
                continue
            if field == "int_value" and type(told) is str and _WHOLE.fullmatch(told):
                told = int(told)
            if type(told) is str:
                usable = told != "" and told not in _NOTHING and writable(told)
            else:
                usable = (
                    math.isfinite(told) if type(told) is float else type(told) is int and abs(told) < 2**63
                )
            if usable:
                found[name] = told
            break
    return found


def _set(text: str | None) -> str | None:
    """What was said; Google Analytics has words for nothing."""
    return None if text in _NOTHING else text


def _number(value: object) -> Decimal | None:
    return Decimal(str(value)) if type(value) in (int, float) else None


def _context(item: Item, params: Mapping[str, Any]) -> dict[str, Any]:
    """The page, the campaign of this session and the language."""
    page = {
        name: bare_url(value) if name != "title" else value
        for name, param in (("url", "page_location"), ("referrer", "page_referrer"), ("title", "page_title"))
        if isinstance(value := params.get(param), str)
    }
    campaign = {
        name: value
        for name, field in (("source", "source"), ("medium", "medium"), ("name", "campaign_name"))
        if (value := _set(item.text(f"collected_traffic_source.manual_{field}"))) is not None
    }
    told = {"page": page, "campaign": campaign, "locale": item.text("device.language")}
    return {name: value for name, value in told.items() if value}


def _order(item: Item, params: Mapping[str, Any]) -> dict[str, Any]:
    """What a row says about an order, in the currency of the event."""
    order_id = _set(item.id("ecommerce.transaction_id")) or params.get("transaction_id")
    coupon, currency = params.get("coupon"), params.get("currency")
    total = item.number("ecommerce.purchase_revenue")
    shipping, tax = item.number("ecommerce.shipping_value"), item.number("ecommerce.tax_value")
    return {
        "order_id": None if order_id is None else str(order_id),
        "total": _number(params.get("value")) if total is None else total,
        "value": _number(params.get("value")),
        "shipping": _number(params.get("shipping")) if shipping is None else shipping,
        "tax": _number(params.get("tax")) if tax is None else tax,
        "coupon": coupon if isinstance(coupon, str) else None,
        "currency": currency if isinstance(currency, str) else None,
        "products": [_product(one) for one in item.each("items")],
    }


_LINE: Gathered = (
    ("product_id", "id", "item_id"),
    ("name", "text", "item_name"),
    ("brand", "text", "item_brand"),
    ("variant", "text", "item_variant"),
    ("category", "text", "item_category"),
    ("coupon", "text", "coupon"),
    ("price", "number", "price"),
    ("quantity", "number", "quantity"),
)


def _product(one: Item) -> dict[str, Any]:
    told = one.gather(_LINE)
    return {name: value for name, value in told.items() if type(value) is not str or value not in _NOTHING}
