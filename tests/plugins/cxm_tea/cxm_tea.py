"""Events of a tea house."""

from pydantic import Field

from cxm_sdk.events import TypedEvent
from cxm_sdk.events.registry import upgrade


class TeaPoured(TypedEvent):
    """Tea was poured."""

    event_name = "Tea Poured"
    schema_version = "2-0-0"

    cups: int = Field(description="How many cups.")


@upgrade("track", "Tea Poured", since="1-0-0", to="2-0-0")
def _counted(properties: dict[str, object]) -> dict[str, object]:
    return {"cups": len(str(properties.pop("tally"))), **properties}
