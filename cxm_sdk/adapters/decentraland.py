"""Decentraland: what people do in the world, as its events tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.item import Item
from cxm_sdk.adapters.reading import Reading
from cxm_sdk.events.catalog.immersive import ImmersiveSessionStarted, SceneEntered

__all__ = ["Decentraland"]

_WALLET = "decentraland.wallet"
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_ACTORS = ("userAddress", "address", "beneficiary", "attendee")
"""Where the one who acted stands, depending on the event."""

_PAIRS = (("buyer", "seller"), ("sender", "receiver"))
"""Two people in one event, who must never become one."""

_SUBJECTS: Mapping[str, str] = {
    "badgeId": "badge_id",
    "badgeName": "badge_name",
    "badgeTierName": "badge_tier",
    "tokenId": "token_id",
    "nftName": "item_name",
    "category": "category",
    "rarity": "rarity",
    "network": "network",
    "parcel": "parcel",
    "sceneId": "scene_id",
    "roomType": "room_type",
    "realm": "realm",
    "realmName": "realm",
    "emoteId": "emote_id",
    "distance": "distance",
    "communityId": "community_id",
    "eventId": "event_id",
}
_NAMES: Mapping[str, str] = {
    "user-joined-room": "Room Joined",
    "user-left-room": "Room Left",
    "walked-distance": "Distance Walked",
    "used-emote": "Emote Used",
    "item-sold": "Item Sold",
    "badge-granted": "Badge Granted",
}


class Decentraland(Adapter):
    """Reads events of Decentraland."""

    name = "decentraland"
    title = "Decentraland"
    about = (
        "Events of clients, rooms, badges, sales, communities and gatherings, as `{type, subType, key, timestamp,"
        " metadata}`. There is one Decentraland, and so no tenant."
    )
    kinds = (
        Kind(
            name="event",
            has=("type", "subType", "key", "timestamp", "metadata"),
            source="decentraland",
            times=("timestamp",),
            form="ms",
            ignored=(
                # The chain of authentication holds signatures; the rest shows things and says nothing.
                *(
                    "metadata.authChain",
                    "metadata.timestamp",
                    "metadata.timestamps",
                    "metadata.badgeImageUrl",
                ),
                *("metadata.image", "metadata.link", "metadata.title", "metadata.description"),
                *("metadata.isWorld", "metadata.parcel.*", "metadata.sessionId", "metadata.realm"),
                *("metadata.address", "metadata.contextRuntime", "metadata.sceneHash"),
            ),
            read="event",
            events=(
                *("Immersive Session Started", "Scene Entered", "Room Joined", "Room Left", "Badge Granted"),
                *("Item Sold", "Item Bought", "Distance Walked", "Emote Used", "track"),
            ),
        ),
    )
    signature = None
    needs_tenant = False
    pitfalls = (
        "People are addresses of Ethereum, in lower case: the case of letters is a check of typing and differs.",
        "Text that is no such address, as in examples of the documentation, names nobody: the event is rejected.",
        "Buyer and seller, sender and receiver are two people: each gets an event of their own.",
        "The chain of authentication holds signatures and is dropped.",
        "`parcel` is text, `x,y`, in parcels of 16 metres.",
        "Nothing is ever deleted: what is on the chain is public.",
    )

    def event(self, reading: Reading) -> None:
        """Makes the event of each one who took part."""
        item, kind = reading.item, reading.item.need("subType")
        key = (item.need("type"), kind, item.need("key"), reading.when())
        pair = next((pair for pair in _PAIRS if any(item.id(f"metadata.{who}") for who in pair)), None)
        if pair is None:
            self._acted(reading, kind, key)
            return
        told = _about(item)
        for who in pair:
            reading.identifiers = []
            if _identify(reading, f"metadata.{who}"):
                name = "Item Bought" if (kind, who) == ("item-sold", "buyer") else _name(kind)
                role = {} if kind == "item-sold" else {"role": who}
                reading.event(name, {**told, **role}, key=(*key, who))
        if not reading.events:
            raise item.refusal("metadata", "names_nobody", "expected an address of Ethereum, got none")

    @staticmethod
    def _acted(reading: Reading, kind: str, key: tuple[object, ...]) -> None:
        """Makes the event of the only one who acted."""
        item = reading.item
        if not any(_identify(reading, f"metadata.{who}") for who in _ACTORS):
            raise item.refusal("metadata", "names_nobody", "expected an address of Ethereum, got none")
        visitor = item.id("metadata.anonymousId")
        if visitor is not None:
            reading.identify("anonymous_id", visitor, "metadata.anonymousId")
        session = item.id("metadata.sessionId")
        scene = item.id("metadata.parcel.sceneHash") or item.text("metadata.parcel.newParcel")
        where: dict[str, Any] = {"session_id": session, "channel": "immersive"}
        if kind == "logged-in" and session is not None:
            world = {"world_id": item.text("metadata.realm") or "decentraland", "platform": "desktop_3d"}
            runtime = item.text("metadata.contextRuntime")
            reading.event(ImmersiveSessionStarted, {**where, **world, "device_type": runtime}, key=key)
        elif kind == "move-to-parcel" and session is not None and scene is not None:
            told = {"scene_id": scene, "parcel": item.text("metadata.parcel.newParcel")}
            told["realm"] = item.text("metadata.realm")
            reading.event(SceneEntered, {**where, **told}, key=key)
        else:
            reading.event(_name(kind), {**where, **_about(item)}, key=key)


def _name(kind: str) -> str:
    return _NAMES.get(kind) or kind.replace("-", " ").title()


def _identify(reading: Reading, path: str) -> bool:
    """Adds whoever an address names; whether it is one."""
    address = reading.item.id(path)
    if address is None or _ADDRESS.fullmatch(address) is None or not address.strip("0xX"):
        return False
    return reading.identify(_WALLET, address.lower(), path) is not None


def _about(item: Item) -> dict[str, Any]:
    """What an event says about things and places."""
    metadata = item.data.get("metadata")
    return {
        name: item.text(f"metadata.{field}")
        for field, name in _SUBJECTS.items()
        if isinstance(metadata, dict) and isinstance(metadata.get(field), str | int)
    }
