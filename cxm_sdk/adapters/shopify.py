"""Shopify: orders, refunds, fulfilments, checkouts and customers, as webhooks and as answers of the Admin REST API."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from cxm_sdk._native.paths import find
from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.item import Gathered, Item
from cxm_sdk.adapters.parsed import ConsentState
from cxm_sdk.adapters.reading import Reading
from cxm_sdk.events.catalog.commerce import (
    CheckoutStarted,
    OrderCancelled,
    OrderCompleted,
    OrderRefunded,
    OrderUpdated,
)
from cxm_sdk.events.catalog.consent import PrivacyRequestSubmitted
from cxm_sdk.events.catalog.fulfilment import ShipmentDispatched

__all__ = ["Shopify"]

_CUSTOMER = "shopify.{tenant}.customer"
_ORDER = "shopify.{tenant}.order"
_TENANT = ("shop_domain", "headers.X-Shopify-Shop-Domain", "headers.x-shopify-shop-domain")
_TOPIC = ("headers.X-Shopify-Topic", "headers.x-shopify-topic")
_TRIGGERED = ("headers.X-Shopify-Triggered-At", "headers.x-shopify-triggered-at")
#: What the API wraps objects in.
_WRAPPERS = (
    *("orders", "customers", "checkouts", "refunds", "fulfillments"),
    *("order", "customer", "checkout", "refund", "fulfillment"),
)
#: Financial states in which the customer has paid, whatever was paid back since.
_PAID = frozenset(("paid", "partially_refunded", "refunded"))
_STATES: dict[str, ConsentState] = {
    "subscribed": "granted",
    "unsubscribed": "denied",
    "pending": "pending",
    "not_subscribed": "unset",
    "invalid": "unset",
    "redacted": "unset",
}
#: Names of the note attributes in which shops keep the visitor's id by convention.
_ANONYMOUS = frozenset(("anonymous_id", "_anonymous_id", "anonymousid", "ajs_anonymous_id"))
_BUYER = {
    "customer.id": _CUSTOMER,
    "email": "email",
    "contact_email": "email",
    "customer.email": "email",
    "phone": "phone",
    "customer.phone": "phone",
}
_NAMES = {"first_name": "first_name", "last_name": "last_name"}
_ADDRESS = {
    "address1": "street",
    "city": "city",
    "zip": "postcode",
    "province": "state",
    "country_code": "country",
    "company": "company",
}
#: Of a customer: what is derived from orders, free text, and how the account is kept.
_CUSTOMER_IGNORED = (
    *("created_at", "last_order_*", "multipass_identifier", "note", "orders_count", "state", "total_spent"),
    *("verified_email", "tax_exempt*", "admin_graphql_api_id", "default_address", "addresses", "currency"),
    *("marketing_opt_in_level", "email_marketing_consent.*", "sms_marketing_consent.*"),
)
#: Of an order: tokens, which open its page; card digits; staff and registers; free text; the same amounts in other
#: currencies and after later changes; how the shop works.
_ORDER_IGNORED = (
    *("token", "checkout_token", "reference", "order_status_url", "abandoned_checkout_url", "note"),
    *("payment_details", "payment_terms", "payment_gateway_names", "gateway", "processing_method"),
    *("user_id", "device_id", "client_details", "landing_site*", "referring_site", "source*", "location_id"),
    *("total_price_set", "subtotal_price_set", "total_tax_set", "total_discounts_set", "current_*"),
    *("total_price_usd", "total_line_items_price*", "total_weight", "total_tip*", "total_outstanding"),
    *("total_shipping_price_set", "presentment_currency", "original_total_*", "duties_included"),
    *("admin_graphql_api_id", "app_id", "number", "closed_at", "confirm*", "merchant_*", "po_number"),
    *("tax_*", "estimated_taxes", "fulfillment_status", "tags", "customer_locale", "discount_applications"),
    *(
        "shipping_address",
        "billing_address",
        "name",
        "order_number",
        "checkout_id",
        "buyer_accepts_marketing",
    ),
    *(
        "created_at",
        "processed_at",
        "cancel_reason",
        "line_items.*",
        "shipping_lines.*",
        "discount_codes.*",
        "note_attributes.*",
    ),
    *("fulfillments.*", "refunds.*", "refunds.refund_line_items.*", "refunds.transactions.*"),
    *(f"customer.{path}" for path in (*_CUSTOMER_IGNORED, "updated_at", "accepts_marketing*", "tags")),
)
_REFUND_IGNORED = (
    *("note", "restock", "user_id", "order_adjustments", "admin_graphql_api_id", "processed_at", "duties"),
    *("total_duties_set", "return", "refund_shipping_lines", "refund_line_items.*", "transactions.*"),
)


class Shopify(Adapter):
    """Reads what Shopify sends and what its Admin REST API answers."""

    name = "shopify"
    title = "Shopify"
    about = (
        "Orders, refunds, fulfilments, checkouts, customers and the three privacy webhooks, bare as webhooks send them,"
        " with their headers as `{headers, body}`, or wrapped as the Admin REST API answers. The tenant is the shop's"
        " domain, as `X-Shopify-Shop-Domain` names it."
    )
    kinds = (
        Kind(
            name="order",
            has=("id", "line_items", "financial_status"),
            source=_ORDER,
            tenant=_TENANT,
            id="id",
            times=("updated_at", "processed_at", "created_at"),
            identifiers=_BUYER,
            attributes={f"customer.{name}": role for name, role in _NAMES.items()},
            ignored=_ORDER_IGNORED,
            read="order",
            events=(
                *("Order Completed", "Order Updated", "Order Cancelled", "Order Refunded"),
                "Shipment Dispatched",
            ),
        ),
        Kind(
            name="checkout",
            has=("id", "line_items", "abandoned_checkout_url"),
            source="shopify.{tenant}.checkout",
            tenant=_TENANT,
            id="id",
            times=("updated_at", "created_at"),
            identifiers=_BUYER,
            attributes={f"customer.{name}": role for name, role in _NAMES.items()},
            ignored=_ORDER_IGNORED,
            read="checkout",
            events=("Checkout Started", "Checkout Abandoned"),
        ),
        Kind(
            name="refund",
            has=("id", "order_id", "refund_line_items"),
            source=_ORDER,
            tenant=_TENANT,
            times=("processed_at", "created_at"),
            identifiers={"order_id": _ORDER},
            ignored=_REFUND_IGNORED,
            read="refund",
            events=("Order Refunded",),
        ),
        Kind(
            name="fulfilment",
            has=("id", "order_id", "tracking_numbers"),
            source=_ORDER,
            tenant=_TENANT,
            times=("created_at",),
            identifiers={"order_id": _ORDER, "email": "email"},
            ignored=(
                *("service", "tracking_url*", "tracking_numbers", "receipt", "line_items", "location_id"),
                *("destination", "origin_address", "shipment_status", "name", "admin_graphql_api_id"),
                "updated_at",
            ),
            read="fulfilment",
            events=("Shipment Dispatched",),
        ),
        Kind(
            name="customers/merge",
            has=("admin_graphql_api_customer_kept_id", "admin_graphql_api_customer_deleted_id"),
            source=_CUSTOMER,
            tenant=_TENANT,
            ignored=("admin_graphql_api_job_id", "errors"),
            read="merged",
        ),
        Kind(
            name="customers/redact",
            has=("shop_domain", "customer", "orders_to_redact"),
            source=_CUSTOMER,
            tenant=_TENANT,
            ignored=("shop_id", "orders_to_redact", "customer.phone"),
            read="redacted",
        ),
        Kind(
            name="customers/data_request",
            has=("shop_domain", "customer", "data_request"),
            source=_CUSTOMER,
            tenant=_TENANT,
            identifiers={"customer.id": _CUSTOMER, "customer.email": "email", "customer.phone": "phone"},
            ignored=("shop_id", "orders_requested"),
            read="asked",
            events=("Privacy Request Submitted",),
        ),
        Kind(
            name="shop/redact",
            has=("shop_id", "shop_domain"),
            lacks=("customer",),
            source=_CUSTOMER,
            tenant=_TENANT,
            read="shop_redacted",
        ),
        Kind(
            name="customer",
            has=("id", "verified_email", "first_name"),
            source=_CUSTOMER,
            tenant=_TENANT,
            id="id",
            times=("updated_at", "created_at"),
            identifiers={"id": _CUSTOMER, "email": "email", "phone": "phone"},
            attributes={**_NAMES, "tags": "tags"},
            ignored=_CUSTOMER_IGNORED,
            read="customer",
        ),
        Kind(
            name="customers/delete",
            has=("id", "tax_exemptions", "addresses"),
            lacks=("first_name", "created_at"),
            source=_CUSTOMER,
            tenant=_TENANT,
            id="id",
            ignored=("phone", "email_marketing_consent", "sms_marketing_consent", *_CUSTOMER_IGNORED),
            read="deleted",
        ),
    )
    envelope_ignored = ("headers.*",)
    signature = "shopify"
    pitfalls = (
        "Amounts are in the currency of the shop; those in the customer's currency (`presentment`) are left out.",
        "An order is completed when it is paid; before that it is `Order Updated` with its `financial_status`. The"
        " total is that of the sale; what was edited or paid back later comes as `Order Refunded`.",
        "Refunds and fulfilments name no customer: they are tied to theirs by the id of the order.",
        "Orders may have no customer, or a guest without id; sales at a register often name nobody and are rejected.",
        "Test orders are rejected.",
        "`buyer_accepts_marketing` counts where the customer says no more; false says nothing about earlier consent.",
        "`customers/merge` and the privacy webhooks name no time: pass their headers, or the option `received`.",
        "`shop/redact` is about every customer of the shop: erase the source yourself.",
        "Shipping addresses are of recipients and say nothing about the buyer. Note attributes named `anonymous_id`"
        " name the visitor.",
        "Deliveries are at least once and unordered: events have ids of their own, so that copies are told.",
    )

    @classmethod
    def unwrap(cls, item: Item) -> list[Item]:
        """Finds objects in what the API answers, and in webhooks with their headers."""
        if isinstance(find(item.data, "headers"), dict) and isinstance(find(item.data, "body"), dict):
            return [one for body in item.each("body") for one in cls.unwrap(body)]
        if not isinstance(item.data, dict) or "id" in item.data or "shop_domain" in item.data:
            return [item]
        wrapper = next((name for name in _WRAPPERS if isinstance(item.data.get(name), dict | list)), None)
        return [item] if wrapper is None else item.each(wrapper)

    # ------------------------------------------------------------------------------------------ orders

    def order(self, reading: Reading) -> None:
        """Makes the record of who ordered, and the events that the state of the order tells of."""
        item = reading.item
        if item.flag("test"):
            raise item.refusal("test", "test_order", "expected a real order, got one made to try things")
        self._buyer(reading)
        reading.identify(_ORDER, reading.id or "")
        bought = item.time("processed_at") or item.time("created_at") or reading.when()
        cancelled, status = item.time("cancelled_at"), item.text("financial_status")
        told = {"order_id": reading.id, "total": item.number("total_price"), **_totals(item)}
        context = _context(item)
        if status in _PAID:
            place = {"channel": "store", "store_id": item.id("location_id")} if _in_store(item) else {}
            sale = {**told, **place, "subtotal": item.number("subtotal_price")}
            sale["checkout_id"] = item.id("checkout_id")
            reading.event(OrderCompleted, sale, key=("completed", reading.id), at=bought, context=context)
        elif cancelled is None:
            changed = {**told, "financial_status": status}
            reading.event(OrderUpdated, changed, key=("updated", reading.id, reading.when()), context=context)
        if cancelled is not None:
            gone = {**told, "reason": item.text("cancel_reason")}
            reading.event(OrderCancelled, gone, key=("cancelled", reading.id), at=cancelled)
        for refund in item.each("refunds"):
            self._refund(reading, refund, reading.id)
        for fulfilment in item.each("fulfillments"):
            self._shipment(reading, fulfilment, reading.id)

    def checkout(self, reading: Reading) -> None:
        """Makes the record of who checks out, and that it began; of a list of abandoned ones, that it ended there."""
        item = reading.item
        self._buyer(reading)
        told = {"checkout_id": reading.id, **_totals(item), "value": item.number("total_price")}
        began = item.time("created_at")
        reading.event(CheckoutStarted, told, key=("started", reading.id), at=began, context=_context(item))
        # Only the list of abandoned checkouts says that they are; webhooks come while customers are at it.
        listed = item.parent is not None and find(item.parent.data, "checkouts") is not None
        if item.time("completed_at") is None and listed:
            reading.event("Checkout Abandoned", {"checkout_id": reading.id}, key=("abandoned", reading.id))

    def refund(self, reading: Reading) -> None:
        """Makes the event of what was paid back, which is tied to the customer by the order."""
        self._refund(reading, reading.item, reading.item.need("order_id"))

    def fulfilment(self, reading: Reading) -> None:
        """Makes the event of a shipment."""
        self._shipment(reading, reading.item, reading.item.need("order_id"))

    @staticmethod
    def _buyer(reading: Reading) -> None:
        """Makes the record and the consent changes of whoever is behind an order or a checkout."""
        item = reading.item
        for one in item.each("note_attributes"):
            if (one.text("name") or "").lower() in _ANONYMOUS and (value := one.id("value")) is not None:
                reading.identify("anonymous_id", value, "note_attributes")
        cart = item.id("cart_token")
        if cart is not None:
            reading.identify("anonymous_id", cart, "cart_token")
        if not reading.identifiers:
            raise item.refusal(
                "customer", "names_nobody", "expected a customer or a guest's address, got none"
            )
        _address(reading, "customer.default_address", "billing_address")
        reading.record()
        at = item.time("customer.updated_at")
        if not _consents(reading, "customer.", at) and item.flag("buyer_accepts_marketing"):
            reading.consent("email", "marketing", "granted", at=item.time("created_at"))

    @staticmethod
    def _refund(reading: Reading, refund: Item, order_id: str | None) -> None:
        name, at = refund.need("id"), refund.time("processed_at") or refund.time("created_at")
        paid = [
            one
            for one in refund.each("transactions")
            if one.text("kind") == "refund" and one.text("status") == "success"
        ]
        amounts = [amount for one in paid if (amount := one.number("amount")) is not None]
        told = {
            "order_id": order_id,
            "total": sum(amounts, Decimal(0)) if amounts else None,
            "currency": next(filter(None, (one.text("currency") for one in paid)), None),
            "products": [_product(one, "line_item.") for one in refund.each("refund_line_items")] or None,
        }
        reading.event(OrderRefunded, told, key=("refund", name), at=at)

    @staticmethod
    def _shipment(reading: Reading, one: Item, order_id: str | None) -> None:
        name, status, at = one.need("id"), one.text("status"), one.time("created_at")
        told = {
            "order_id": order_id,
            "shipment_id": name,
            "carrier": one.text("tracking_company"),
            "tracking_id": one.text("tracking_number"),
        }
        if status == "success":  # others have not left, and may never
            reading.event(ShipmentDispatched, told, key=("shipment", name), at=at)

    # ------------------------------------------------------------------------------------------ customers

    def customer(self, reading: Reading) -> None:
        """Makes the record and the consent changes of a customer, or the deletion that the topic tells of."""
        if next(filter(None, map(reading.item.up, _TOPIC)), None) == "customers/delete":
            self.deleted(reading)
            return
        _address(reading, "default_address")
        reading.record()
        _consents(reading, "", reading.at)

    def deleted(self, reading: Reading) -> None:
        """Says that a customer's record is gone."""
        _triggered(reading)
        reading.delete(_CUSTOMER, reading.id or "")

    def merged(self, reading: Reading) -> None:
        """Says which customers are one."""
        item = reading.item
        _triggered(reading)
        kept, gone = (
            item.need(f"admin_graphql_api_customer_{which}_id").rpartition("/")[2]
            for which in ("kept", "deleted")
        )
        if (status := item.text("status")) not in (None, "completed"):
            got = "one that failed" if status == "failed" else "one that is not done"
            raise item.refusal("status", "not_merged", f"expected a merge that is done, got {got}")
        reading.merge(_CUSTOMER, gone, kept)

    def redacted(self, reading: Reading) -> None:
        """Says whom the shop must forget: by the id, and by the address under which guests order."""
        item = reading.item
        _triggered(reading)
        found = {
            namespace: made.value
            for namespace, path in ((_CUSTOMER, "customer.id"), ("email", "customer.email"))
            if (raw := item.id(path)) and (made := reading.identify(namespace, raw, path)) is not None
        }
        if not found:
            raise item.refusal("customer.id", "missing", "expected the id or address of a customer, got none")
        for namespace, value in found.items():
            reading.delete(namespace, value, erase=True)

    def asked(self, reading: Reading) -> None:
        """Makes the event of a customer who asks what is known."""
        _triggered(reading)
        request = reading.item.need("data_request.id")
        told = {"request_id": request, "request_type": "access"}
        reading.event(PrivacyRequestSubmitted, told, key=("data_request", request))

    def shop_redacted(self, reading: Reading) -> None:
        """Refuses what is about nobody in particular."""
        raise reading.item.refusal(
            "shop_id", "whole_shop", "expected one customer, got a whole shop: erase what came from it"
        )


def _in_store(item: Item) -> bool:
    return item.text("source_name") == "pos"


def _context(item: Item) -> dict[str, Any]:
    """Where the buyer was; at a register it would be the register's address."""
    address = item.text("browser_ip")
    return {"ip": address} if address is not None and not _in_store(item) else {}


def _totals(item: Item) -> dict[str, Any]:
    """Amounts and products; revenue only where prices are known to be without tax."""
    item.seen.add("taxes_included")
    shipping = [price for one in item.each("shipping_lines") if (price := one.number("price")) is not None]
    codes = [code for one in item.each("discount_codes") if (code := one.text("code")) is not None]
    return {
        "revenue": item.number("subtotal_price") if item.flag("taxes_included") is False else None,
        "shipping": sum(shipping, Decimal(0)) if shipping else None,
        "tax": item.number("total_tax"),
        "discount": item.number("total_discounts"),
        "coupon": ", ".join(codes) or None,
        "currency": item.text("currency"),
        "products": [_product(one) for one in item.each("line_items")],
    }


_LINE: dict[str, Gathered] = {
    prefix: (
        ("product_id", "id", f"{prefix}product_id"),
        ("sku", "text", f"{prefix}sku"),
        ("name", "text", f"{prefix}title"),
        ("brand", "text", f"{prefix}vendor"),
        ("variant", "text", f"{prefix}variant_title"),
        ("price", "number", f"{prefix}price"),
        ("quantity", "number", "quantity"),
    )
    for prefix in ("", "line_item.")
}


def _product(one: Item, prefix: str = "") -> dict[str, Any]:
    """A line; one that the shop made up on the spot has no product id."""
    return one.gather(_LINE[prefix])


def _address(reading: Reading, *paths: str) -> None:
    """Takes the first address that is there as a whole, since halves of two make none."""
    for path in paths:
        if isinstance(find(reading.item.data, path), dict):
            for name, role in _ADDRESS.items():
                value = reading.item.text(f"{path}.{name}")
                if value is not None:
                    reading.attributes.setdefault(role, value)
            return


def _consents(reading: Reading, prefix: str, at: datetime | None) -> bool:
    """Makes the consent changes of a customer; whether anything was said about e-mail."""
    item, said = reading.item, False
    for channel in ("email", "sms"):
        consent = item.part(f"{prefix}{channel}_marketing_consent")
        if consent is None:
            continue
        state = _STATES.get(consent.text("state") or "")
        if state is None:
            consent.note("state", "unknown_state", "expected a state of consent, got something else")
            continue
        reading.consent(channel, "marketing", state, at=consent.time("consent_updated_at") or at)
        said = said or channel == "email"
    accepts = item.flag(f"{prefix}accepts_marketing")  # how it was said before there were states
    if said or accepts is None:
        return said
    changed = item.time(f"{prefix}accepts_marketing_updated_at")
    reading.consent("email", "marketing", "granted" if accepts else "denied", at=changed or at)
    return True


def _triggered(reading: Reading) -> None:
    """Takes the time from the headers where the body has none."""
    over = reading.item.parent
    for path in _TRIGGERED if over is not None else ():
        if over is not None and (at := over.time(path)) is not None:
            reading.at = at
            return
