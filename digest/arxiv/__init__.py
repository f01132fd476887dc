"""Where papers come from: arXiv's feed, listing and catch-up pages, search API.

Each document's `parse` is pure, and one polite `Client` does all the fetching.
"""

from __future__ import annotations

from digest.arxiv.client import Client, Document
from digest.arxiv.manners import Manners, ProcessManners

__all__ = ["Client", "Document", "Manners", "ProcessManners"]
