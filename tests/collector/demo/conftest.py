"""The demonstration's tests need the same browser as those of the clients."""

from __future__ import annotations

from ..clients.conftest import chromium, node

__all__ = ["chromium", "node"]
