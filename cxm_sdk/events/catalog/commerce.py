"""Commerce: browsing, promotions, ordering, coupons, wish lists, sharing and reviewing (Segment ecommerce v2)."""

from __future__ import annotations

from pydantic import Field

from cxm_sdk.events.catalog.base import Amount, Channel, Count
from cxm_sdk.events.typed import Part, TypedEvent
from cxm_sdk.events.values import ABSENT, Contact, Currency, FreeText, Identifier, Many, Money, Text

__all__ = [
    "CartShared",
    "CartViewed",
    "CheckoutStarted",
    "CheckoutStepCompleted",
    "CheckoutStepViewed",
    "CouponApplied",
    "CouponDenied",
    "CouponEntered",
    "CouponRemoved",
    "Filter",
    "OrderCancelled",
    "OrderCompleted",
    "OrderRefunded",
    "OrderUpdated",
    "PaymentInfoEntered",
    "Product",
    "ProductAdded",
    "ProductAddedToWishlist",
    "ProductClicked",
    "ProductListFiltered",
    "ProductListViewed",
    "ProductRemoved",
    "ProductRemovedFromWishlist",
    "ProductReviewed",
    "ProductShared",
    "ProductViewed",
    "ProductsSearched",
    "PromotionClicked",
    "PromotionViewed",
    "Sort",
    "WishlistProductAddedToCart",
]


class Product(Part):
    """A product, as lists, carts and orders hold it."""

    product_id: Text = Field(default=None, description="Id of the product in the shop's database.")
    sku: Text = Field(default=None, description="Stock keeping unit.")
    category: Text = Field(default=None, description="Category of the product.")
    name: Text = Field(default=None, description="Name of the product.")
    brand: Text = Field(default=None, description="Brand of the product.")
    variant: Text = Field(default=None, description="Variant, such as a colour or size.")
    price: Money = Field(default=ABSENT, description="Price of one piece, in the currency of the event.")
    quantity: Amount = Field(default=None, description="How many pieces, or how much of what is weighed.")
    coupon: Text = Field(default=None, description="Coupon code for this product.")
    position: Count = Field(default=None, description="Place in the list that it was shown in.")
    url: Text = Field(default=None, description="Page of the product.")
    image_url: Text = Field(default=None, description="Picture of the product.")


class Filter(Part):
    """A filter that a list of products was narrowed by."""

    type: Text = Field(default=None, description="What was filtered by, such as department or price.")
    value: Text = Field(default=None, description="The value that was picked.")


class Sort(Part):
    """An order that a list of products was brought to."""

    type: Text = Field(default=None, description="What was sorted by, such as price.")
    value: Text = Field(default=None, description="The direction, such as desc.")


class ProductsSearched(TypedEvent):
    """The customer searched for products."""

    event_name = "Products Searched"

    query: FreeText = Field(default=None, description="What was searched for.")


class ProductListViewed(TypedEvent):
    """The customer saw a list or category of products."""

    event_name = "Product List Viewed"

    list_id: Text = Field(default=None, description="The list.")
    category: Text = Field(default=None, description="Category of the list.")
    products: Many[Product] | None = Field(default=None, description="The products in the list.")


class ProductListFiltered(ProductListViewed):
    """The customer narrowed or sorted a list of products."""

    event_name = "Product List Filtered"

    filters: Many[Filter] | None = Field(default=None, description="Filters in use.")
    sorts: Many[Sort] | None = Field(default=None, description="Sorting in use.")


class PromotionViewed(TypedEvent):
    """The customer saw a promotion within the shop."""

    event_name = "Promotion Viewed"

    promotion_id: Text = Field(default=None, description="The promotion.")
    creative: Text = Field(default=None, description="The picture or text that was shown.")
    name: Text = Field(default=None, description="Name of the promotion.")
    position: Text = Field(default=None, description="Where it was shown.")


class PromotionClicked(PromotionViewed):
    """The customer clicked a promotion within the shop."""

    event_name = "Promotion Clicked"


class ProductClicked(Product, TypedEvent):
    """The customer clicked a product in a list."""

    event_name = "Product Clicked"


class ProductViewed(Product, TypedEvent):
    """The customer saw the page of a product."""

    event_name = "Product Viewed"

    currency: Currency | None = Field(default=None, description="Currency of price and value, ISO 4217.")
    value: Money = Field(default=ABSENT, description="What the view is worth, such as price times quantity.")


class ProductAdded(Product, TypedEvent):
    """The customer put a product into the cart."""

    event_name = "Product Added"

    cart_id: Text = Field(default=None, description="The cart.")
    currency: Currency | None = Field(default=None, description="Currency of the price, ISO 4217.")


class ProductRemoved(ProductAdded):
    """The customer took a product out of the cart."""

    event_name = "Product Removed"


class CartViewed(TypedEvent):
    """The customer looked at the cart."""

    event_name = "Cart Viewed"

    cart_id: Text = Field(default=None, description="The cart.")
    products: Many[Product] | None = Field(default=None, description="The products in the cart.")


class _Totals(TypedEvent):
    """Amounts and products of an order."""

    order_id: Text = Field(default=None, description="The order.")
    affiliation: Text = Field(default=None, description="Shop or affiliation in which the order was made.")
    value: Money = Field(default=ABSENT, description="What the order is worth to the shop.")
    revenue: Money = Field(
        default=ABSENT, description="Revenue: without shipping and tax, discounts taken off."
    )
    shipping: Money = Field(default=ABSENT, description="Shipping costs.")
    tax: Money = Field(default=ABSENT, description="Taxes.")
    discount: Money = Field(default=ABSENT, description="Discount on the whole order.")
    coupon: Text = Field(default=None, description="Coupon code for the whole order.")
    currency: Currency | None = Field(default=None, description="Currency of all amounts, ISO 4217.")
    products: Many[Product] | None = Field(default=None, description="The products in the order.")


class CheckoutStarted(_Totals):
    """The customer began to check out."""

    event_name = "Checkout Started"


class CheckoutStepViewed(TypedEvent):
    """The customer saw a step of the checkout."""

    event_name = "Checkout Step Viewed"

    checkout_id: Text = Field(default=None, description="The checkout.")
    step: Count = Field(default=None, description="Number of the step.")
    shipping_method: Text = Field(default=None, description="Shipping method that was chosen.")
    payment_method: Text = Field(default=None, description="Payment method that was chosen.")


class CheckoutStepCompleted(CheckoutStepViewed):
    """The customer finished a step of the checkout."""

    event_name = "Checkout Step Completed"


class PaymentInfoEntered(CheckoutStepViewed):
    """The customer gave the means of payment."""

    event_name = "Payment Info Entered"

    order_id: Text = Field(default=None, description="The order.")


class OrderCompleted(_Totals):
    """The customer bought: in the shop online, or, with ``channel`` and ``store_id``, in a store."""

    event_name = "Order Completed"

    order_id: str = Field(description="The order.")
    checkout_id: Text = Field(default=None, description="The checkout.")
    subtotal: Money = Field(default=ABSENT, description="Total after discounts, before taxes and shipping.")
    total: Money = Field(default=ABSENT, description="Total with discounts, taxes and shipping.")
    channel: Channel | None = Field(
        default=None, description="Where it was bought; store for a purchase in a store."
    )
    store_id: Text = Field(default=None, description="The store.")
    terminal_id: Text = Field(default=None, description="Point of sale within the store.")
    receipt_id: Text = Field(default=None, description="The receipt.")
    loyalty_id: Identifier = Field(default=None, description="Loyalty card or membership that was shown.")


class OrderUpdated(_Totals):
    """The order was changed."""

    event_name = "Order Updated"

    order_id: str = Field(description="The order.")
    total: Money = Field(default=ABSENT, description="Total with discounts, taxes and shipping.")


class OrderCancelled(_Totals):
    """The order was cancelled."""

    event_name = "Order Cancelled"

    order_id: str = Field(description="The order.")
    total: Money = Field(default=ABSENT, description="Total with discounts, taxes and shipping.")


class OrderRefunded(TypedEvent):
    """The order was paid back, wholly or, with total and products, in part."""

    event_name = "Order Refunded"

    order_id: str = Field(description="The order.")
    total: Money = Field(default=ABSENT, description="What was paid back, if not all.")
    currency: Currency | None = Field(default=None, description="Currency of all amounts, ISO 4217.")
    products: Many[Product] | None = Field(default=None, description="What was paid back, if not all.")


class CouponEntered(TypedEvent):
    """The customer entered a coupon."""

    event_name = "Coupon Entered"

    order_id: Text = Field(default=None, description="The order.")
    cart_id: Text = Field(default=None, description="The cart.")
    coupon_id: Text = Field(default=None, description="The coupon.")


class CouponApplied(CouponEntered):
    """A coupon was taken into account."""

    event_name = "Coupon Applied"

    coupon_name: Text = Field(default=None, description="Name of the coupon.")
    discount: Money = Field(default=ABSENT, description="What it takes off.")
    currency: Currency | None = Field(default=None, description="Currency of the discount, ISO 4217.")


class CouponRemoved(CouponApplied):
    """A coupon was taken back."""

    event_name = "Coupon Removed"


class CouponDenied(CouponEntered):
    """A coupon was refused."""

    event_name = "Coupon Denied"

    coupon_name: Text = Field(default=None, description="Name of the coupon.")
    reason: Text = Field(default=None, description="Why it was refused.")


class ProductAddedToWishlist(Product, TypedEvent):
    """The customer put a product on a wish list."""

    event_name = "Product Added to Wishlist"

    wishlist_id: Text = Field(default=None, description="The wish list.")
    wishlist_name: FreeText = Field(default=None, description="Name that the customer gave the wish list.")


class ProductRemovedFromWishlist(ProductAddedToWishlist):
    """The customer took a product off a wish list."""

    event_name = "Product Removed from Wishlist"


class WishlistProductAddedToCart(ProductAddedToWishlist):
    """The customer put a product of a wish list into the cart."""

    event_name = "Wishlist Product Added to Cart"

    cart_id: Text = Field(default=None, description="The cart.")


class _Shared(TypedEvent):
    """How something was shared."""

    share_via: Text = Field(default=None, description="By which medium it was shared.")
    share_message: FreeText = Field(default=None, description="What the customer wrote.")
    recipient: Contact = Field(default=None, description="Whom it was shared with.")


class ProductShared(_Shared):
    """The customer shared a product with somebody."""

    event_name = "Product Shared"

    product_id: Text = Field(default=None, description="Id of the product in the shop's database.")
    sku: Text = Field(default=None, description="Stock keeping unit.")
    category: Text = Field(default=None, description="Category of the product.")
    name: Text = Field(default=None, description="Name of the product.")
    brand: Text = Field(default=None, description="Brand of the product.")
    variant: Text = Field(default=None, description="Variant, such as a colour or size.")
    price: Money = Field(default=ABSENT, description="Price of one piece.")
    url: Text = Field(default=None, description="Page of the product.")
    image_url: Text = Field(default=None, description="Picture of the product.")


class CartShared(_Shared):
    """The customer shared the cart with somebody."""

    event_name = "Cart Shared"

    cart_id: Text = Field(default=None, description="The cart.")
    products: Many[Product] | None = Field(default=None, description="The products in the cart.")


class ProductReviewed(TypedEvent):
    """The customer reviewed a product."""

    event_name = "Product Reviewed"

    product_id: Text = Field(default=None, description="The product.")
    review_id: Text = Field(default=None, description="The review.")
    review_body: FreeText = Field(default=None, description="What the customer wrote.")
    rating: Amount = Field(default=None, description="The rating that the customer gave.")
