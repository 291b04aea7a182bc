"""What a type checker must refuse, each line for the reason behind it. Never executed."""

import cxm_sdk as cxm
from cxm_sdk.events import ConsentUpdated, OrderCompleted, Product, SurveyResponded

cxm.events.OrderCompleted(order_id="o-1", totl="42.00")  # call-arg
cxm.events.OrderCompleted(total="42.00")  # call-arg
cxm.events.OrderComplete(order_id="o-1")  # attr-defined
OrderCompleted(order_id=["o-1"])  # arg-type
OrderCompleted(order_id="o-1", total=["42.00"])  # arg-type
OrderCompleted(order_id="o-1", products=[OrderCompleted(order_id="o-2")])  # list-item
OrderCompleted(order_id="o-1", channel="fax")  # arg-type
Product(quantity="many")  # arg-type
SurveyResponded(survey_id="s", survey_type="mood", response_id="r")  # arg-type
ConsentUpdated(consent_id="c", policy_version="1", method="banner")  # call-arg
OrderCompleted(order_id="o-1").total + "1"  # operator
