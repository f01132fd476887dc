"""Where papers come from: arXiv's feed, listing and catch-up pages, search API.

Each document's `parse` is pure, and one polite `Client` does all the fetching. The process that
only parses has no use for the client, and for the second of start-up that aiohttp takes: hence the
detour by which `Client` is imported when somebody asks for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from digest.arxiv.manners import Manners, ProcessManners

if TYPE_CHECKING:
    from digest.arxiv.client import Client, Document

__all__ = ["Client", "Document", "Manners", "ProcessManners"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module("digest.arxiv.client"), name)
