"""Sales of any shop or point of sale, in one plain form that systems without an adapter of their own can write."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.item import Gathered, Item
from cxm_sdk.adapters.reading import Reading
from cxm_sdk.events.catalog.commerce import OrderCancelled, OrderCompleted, OrderRefunded

__all__ = ["Commerce"]

_DONE = frozenset(("completed", "closed", "paid"))
_UNDONE = frozenset(("void", "voided", "cancelled", "canceled"))
_CHANNELS = {"pos": "store", "store": "store", "web": "web", "online": "web", "app": "app", "phone": "phone"}


class Commerce(Adapter):
    """Reads sales and returns of shops and points of sale."""

    name = "commerce"
    title = "Shops and points of sale"
    about = (
        "Receipts in a plain form: `transaction_id`, `items` with `sku`, `qty`, `unit_price`, `line_total`, and"
        " `totals`. Systems that have an adapter of their own, such as Shopify, do not need it."
    )
    kinds = (
        Kind(
            name="sale",
            has=("transaction_id", "items", "totals"),
            source="commerce.sale",
            id="transaction_id",
            times=("closed_at", "opened_at"),
            zone="time_zone",
            identifiers={
                "customer.crm_id": "crm_id",
                "loyalty_card": "loyalty_id",
                "customer.email": "email",
                "customer.phone": "phone",
            },
            attributes={"customer.first_name": "first_name", "customer.last_name": "last_name"},
            # What was paid with holds digits of cards; who served is no customer.
            ignored=("opened_at", "tenders", "payments", "cashier*", "employee*", "items.*"),
            read="sale",
            events=("Order Completed", "Order Refunded", "Order Cancelled"),
        ),
    )
    signature = None
    needs_tenant = False
    pitfalls = (
        "Local times need the zone: `time_zone` in the receipt, else the option `timezone`.",
        "Lines with a negative quantity are returns: they become `Order Refunded` of the receipt in `return_of`, and"
        " the sale on the same receipt counts without them.",
        "Amounts of tax and net are those of the whole receipt: they are left out where it has returns too.",
        "Receipts without a loyalty card or customer name nobody and are rejected.",
        "Cards, cashiers and registers are no customers. Digits of cards are dropped.",
    )

    def sale(self, reading: Reading) -> None:
        """Makes the record of who bought, and the events of what was sold, given back or voided."""
        item = reading.item
        status = (item.text("status") or "").lower()
        if status not in _DONE | _UNDONE:
            raise item.refusal("status", "not_final", "expected a receipt that is done or void, got another")
        currency, lines = item.text("currency"), item.each("items")
        sold: list[Item] = []
        returned: list[Item] = []
        for one in lines:
            quantity = one.number("qty")
            (returned if quantity and quantity.is_signed() else sold).append(one)
        told = {
            "order_id": reading.id,
            "currency": currency,
            "products": [_product(one) for one in sold],
            **_amounts(item, sold, whole=not returned),
        }
        place = {
            "channel": _CHANNELS.get((item.text("channel") or "").lower()),
            "store_id": item.id("store_id"),
            "terminal_id": item.id("register_id"),
            "receipt_id": reading.id,
            "loyalty_id": item.id("loyalty_card"),
        }
        if status in _UNDONE:
            reading.event(OrderCancelled, told, key=("cancelled", reading.id))
        elif sold or not returned:
            reading.event(OrderCompleted, {**told, **place}, key=("completed", reading.id))
        if status in _DONE:
            _returns(reading, returned, currency)
        reading.record()


_TOTALS: Gathered = (
    ("total", "number", "totals.gross"),
    ("tax", "number", "totals.tax"),
    ("revenue", "number", "totals.net"),
)
_LINE: Gathered = (
    ("sku", "text", "sku"),
    ("name", "text", "name"),
    ("price", "number", "unit_price"),
    ("quantity", "number", "qty"),
)


def _amounts(item: Item, sold: list[Item], *, whole: bool) -> dict[str, Any]:
    """Amounts of what was sold: those of the receipt where it has nothing else."""
    told = item.gather(_TOTALS)
    if whole and "total" in told:
        return told
    return {"total": sum((one.number("line_total") or Decimal(0) for one in sold), Decimal(0))}


def _returns(reading: Reading, returned: list[Item], currency: str | None) -> None:
    """One refund for each receipt that something came back from."""
    by_order: dict[str | None, list[Item]] = {}
    for one in returned:
        by_order.setdefault(one.id("return_of") or reading.id, []).append(one)
    for order_id, lines in by_order.items():
        told = {
            "order_id": order_id,
            "currency": currency,
            "total": sum((abs(one.number("line_total") or Decimal(0)) for one in lines), Decimal(0)),
            "products": [_product(one) for one in lines],
        }
        reading.event(OrderRefunded, told, key=("refund", reading.id, order_id))


def _product(one: Item) -> dict[str, Any]:
    told = one.gather(_LINE)
    if "quantity" in told:
        told["quantity"] = abs(told["quantity"])
    return told
