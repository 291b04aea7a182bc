"""A shop to click in and a page on which the profiles grow meanwhile: what ``cxm serve --demo`` adds."""

from __future__ import annotations

from cxm_sdk.capture.collector.demo.routes import Scene, demo_routes

__all__ = ["Scene", "demo_routes"]
