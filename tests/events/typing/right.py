"""What a type checker must take. Never executed."""

from decimal import Decimal
from typing import assert_type

import cxm_sdk as cxm
from cxm_sdk.events import Event, IdentifyTraits, OrderCompleted, Product, SurveyResponded, parse

order = cxm.events.OrderCompleted(order_id="o-1", total="42.00", currency="EUR")
OrderCompleted(order_id="o-1", total=42, tax=1.5, shipping=Decimal("3.90"), subtotal=None)
OrderCompleted(
    order_id="o-1", products=[Product(product_id="p-1", price="35.00", quantity=2)], channel="store"
)
assert_type(order.total, Decimal | None)
assert_type(order.order_id, str)
assert_type(order.currency, str | None)
for product in order.products or ():
    assert_type(product.price, Decimal | None)

IdentifyTraits(first_name="Ada", email="ada@example.com", age=36)
response = SurveyResponded(survey_id="s", survey_type="nps", response_id="r", score=9)
if response.nps_group == "promoter":
    event = Event.of(response, user_id="u-1")
assert_type(parse(b"{}"), Event)
