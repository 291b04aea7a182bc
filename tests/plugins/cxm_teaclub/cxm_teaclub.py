"""The cards of a tea club."""

from cxm_sdk.adapters import Adapter, Kind, Reading

CARDS = ("card.updated", "card.closed")


class TeaClub(Adapter):
    """Reads what the tea club sends."""

    name = "teaclub"
    title = "Tea Club"
    about = "Cards of the tea club. The tenant is the club."
    kinds = (
        Kind(
            name="card",
            equal={"kind": CARDS},
            source="teaclub.{tenant}.card",
            tenant="club",
            id="card.no",
            times=("at",),
            form="ms",
            identifiers={"card.no": "teaclub.{tenant}.card", "card.mail": "email"},
            attributes={"card.given": "first_name"},
            read="card",
        ),
    )
    pitfalls = ("`card.closed` is a deletion that can be taken back.",)

    def card(self, reading: Reading) -> None:
        """Makes a record, or a deletion of what is closed."""
        if reading.item.text("kind") == "card.closed":
            reading.delete("teaclub.{tenant}.card", reading.id or "")
        else:
            reading.record()
