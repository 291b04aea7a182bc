"""Signatures of deliveries: one function for each scheme, compared in constant time, with a window against replay."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import parse_qs, unquote_to_bytes

from cxm_sdk.adapters.times import UnreadableTimeError, read_time
from cxm_sdk.errors import AdapterError

__all__ = ["SCHEMES", "WINDOW", "verify"]

#: Seconds that a delivery may be old, or ahead; HubSpot asks for five minutes, Roblox suggests five to ten.
WINDOW = 300.0


@dataclass(frozen=True, slots=True)
class _Delivery:
    """A request, and the secret to check it with."""

    headers: Mapping[str, str]
    body: bytes
    secret: bytes
    method: str
    url: str
    now: datetime

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    def mac(self, algorithm: str, *parts: bytes, key: bytes | None = None) -> bytes:
        return hmac.new(self.secret if key is None else key, b"".join(parts), algorithm).digest()

    def fresh(self, stamp: object, form: Literal["iso", "s", "ms"]) -> bool:
        """Whether a signed time is within the window."""
        try:
            at = read_time(stamp, form)
        except UnreadableTimeError:
            return False
        return abs((self.now - at).total_seconds()) <= WINDOW


def _same(given: str, wanted: bytes, form: Literal["hex", "base64"]) -> bool:
    """Compares a signature as it was sent; only the spelling that the scheme has is taken."""
    written = wanted.hex().encode() if form == "hex" else base64.b64encode(wanted)
    return hmac.compare_digest(given.strip().encode("utf-8", "replace"), written)


def _hubspot_v3(delivery: _Delivery) -> bool:
    stamp = delivery.header("x-hubspot-request-timestamp")
    uri = _decoded(delivery.url)
    wanted = delivery.mac("sha256", delivery.method.encode(), uri, delivery.body, stamp.encode())
    signed = _same(delivery.header("x-hubspot-signature-v3"), wanted, "base64")
    return delivery.fresh(stamp, "ms") and signed


def _decoded(url: str) -> bytes:
    """HubSpot signs the address with these escapes decoded."""
    for escape in ("%3A", "%2F", "%3F", "%40", "%21", "%24", "%27", "%28", "%29", "%2A", "%2C", "%3B"):
        plain = unquote_to_bytes(escape).decode()
        url = url.replace(escape, plain).replace(escape.lower(), plain)
    return url.encode()


def _hubspot(delivery: _Delivery) -> bool:
    """The newest version that the request carries; an older one never stands in for a newer that is wrong."""
    if delivery.header("x-hubspot-signature-v3"):
        return _hubspot_v3(delivery)
    given, version = delivery.header("x-hubspot-signature"), delivery.header("x-hubspot-signature-version")
    signed = {
        "v1": delivery.secret + delivery.body,
        "v2": delivery.secret + delivery.method.encode() + delivery.url.encode() + delivery.body,
    }.get(version)
    return signed is not None and _same(given, hashlib.sha256(signed).digest(), "hex")


def _zendesk(delivery: _Delivery) -> bool:
    stamp = delivery.header("x-zendesk-webhook-signature-timestamp")
    wanted = delivery.mac("sha256", stamp.encode(), delivery.body)
    signed = _same(delivery.header("x-zendesk-webhook-signature"), wanted, "base64")
    return delivery.fresh(stamp, "iso") and signed


def _shopify(delivery: _Delivery) -> bool:
    wanted = delivery.mac("sha256", delivery.body)
    return _same(delivery.header("x-shopify-hmac-sha256"), wanted, "base64")


def _meta(delivery: _Delivery) -> bool:
    """Signed by a header; of a form with a signed request, by what stands before the first point in it."""
    if delivery.body.startswith(b"signed_request="):
        form = parse_qs(delivery.body.decode("utf-8", "replace"), keep_blank_values=True)
        given, _, written = form["signed_request"][0].partition(".")
        wanted = base64.urlsafe_b64encode(delivery.mac("sha256", written.encode())).rstrip(b"=")
        return hmac.compare_digest(given.rstrip("=").encode("utf-8", "replace"), wanted)
    name, _, given = delivery.header("x-hub-signature-256").partition("=")
    return name == "sha256" and _same(given, delivery.mac("sha256", delivery.body), "hex")


def _segment(delivery: _Delivery) -> bool:
    return _same(delivery.header("x-signature"), delivery.mac("sha1", delivery.body), "hex")


def _surveymonkey(delivery: _Delivery) -> bool:
    key = delivery.header("sm-apikey").encode() + b"&" + delivery.secret
    return _same(delivery.header("sm-signature"), delivery.mac("sha1", delivery.body, key=key), "base64")


def _sfmc_ens(delivery: _Delivery) -> bool:
    """Marketing Cloud; whether the key is text or base64 of the key is not documented, so either is taken."""
    given = delivery.header("x-sfmc-ens-signature")
    signed = _same(given, delivery.mac("sha256", delivery.body), "base64")
    try:
        key = base64.b64decode(delivery.secret, validate=True)
    except binascii.Error:
        return signed
    return _same(given, delivery.mac("sha256", delivery.body, key=key), "base64") or signed


def _roblox(delivery: _Delivery) -> bool:
    parts = dict(part.strip().partition("=")[::2] for part in delivery.header("roblox-signature").split(","))
    stamp = parts.get("t", "")
    signed = _same(parts.get("v1", ""), delivery.mac("sha256", stamp.encode(), b".", delivery.body), "base64")
    return delivery.fresh(stamp, "s") and signed


def _qualtrics(delivery: _Delivery) -> bool:
    """A form whose field ``MSG`` is signed by the field ``HMAC``; the header plays no part."""
    try:
        form = parse_qs(delivery.body.decode(), strict_parsing=True)
    except ValueError:
        return False
    message, given = form.get("MSG", [""]), form.get("HMAC", [""])
    wanted = delivery.mac("sha512", message[0].encode())
    return len(message) == len(given) == 1 and _same(given[0], wanted, "hex")


def _gigya(delivery: _Delivery) -> bool:
    if "x-gigya-sig-jwt" in delivery.headers and "x-gigya-sig-hmac-sha1" not in delivery.headers:
        raise AdapterError(
            "expected the header X-Gigya-Sig-Hmac-Sha1, got X-Gigya-Sig-Jwt, which is not checked here.",
            hint="check it with a library for JWT and the site's public key, or let SAP sign with the partner secret",
        )
    try:
        key = base64.b64decode(delivery.secret, validate=True)
    except binascii.Error:
        raise AdapterError("secret: expected base64, as SAP shows it, got something else.") from None
    wanted = delivery.mac("sha1", delivery.body, key=key)
    return _same(delivery.header("x-gigya-sig-hmac-sha1"), wanted, "base64")


SCHEMES: Mapping[str, Callable[[_Delivery], bool]] = {
    "gigya": _gigya,
    "hubspot": _hubspot,
    "meta": _meta,
    "qualtrics": _qualtrics,
    "roblox": _roblox,
    "segment": _segment,
    "sfmc_ens": _sfmc_ens,
    "shopify": _shopify,
    "surveymonkey": _surveymonkey,
    "zendesk": _zendesk,
}
"""The function of each scheme. Those of HubSpot v3, Zendesk and Roblox sign a time, which must be within ``WINDOW``;
the others sign none, so that what is replayed is told by its ids alone."""


def verify(
    scheme: str,
    headers: Mapping[str, str],
    body: bytes,
    secret: str,
    *,
    now: datetime | None = None,
    method: str = "POST",
    url: str = "",
) -> bool:
    """Checks that a delivery was signed with the secret, and lately where the scheme signs a time.

    Args:
        scheme: Name of the scheme.
        headers: Of the request, in any case.
        body: Of the request, byte by byte as it came.
        secret: What both sides know.
        now: The time; None asks the clock.
        method: Of the request.
        url: Of the request, in full, where the scheme signs it.

    Returns:
        Whether the signature is right.

    Raises:
        AdapterError: There is no such scheme, or no secret to check with.

    Example:
        >>> signature = "6f6440bd26d25d233606724e3d8cdb4975cb431b"
        >>> body = b'{"object":"page","entry":[]}'
        >>> verify("segment", {"X-Signature": signature}, body, "example-webhook-secret")
        True
    """
    check = SCHEMES.get(scheme)
    if check is None:
        raise AdapterError("expected the name of a scheme, got another.", hint=f"one of {', '.join(SCHEMES)}")
    if not secret:
        raise AdapterError("secret: expected text, got none: anybody could sign with it.")
    lower = {name.lower(): value for name, value in headers.items()}
    return check(_Delivery(lower, body, secret.encode(), method, url, now or datetime.now(UTC)))
