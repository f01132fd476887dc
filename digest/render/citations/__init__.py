"""What a reader saved, as a file for other programs: BibTeX, RIS, Markdown, CSV.

Titles and names come from strangers: `tex.py` lets no TeX through that could do more than print,
`table.py` no formula, and no format a line that its author did not mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.render.citations import bibtex, listing, ris, table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from digest.saved import Saved


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file.

    Attributes:
        name: as its own users write it.
        ending: of the file's name.
        media_type: https://www.iana.org/assignments/media-types.
        write: the file of what is saved, in a language, as of a day.
    """

    name: str
    ending: str
    media_type: str
    write: Callable[[Sequence[Saved], str, date], bytes]


FORMATS: Mapping[str, Format] = {
    "bibtex": Format("BibTeX", "bib", "application/x-bibtex", bibtex.file),
    "ris": Format("RIS", "ris", "application/x-research-info-systems", ris.file),
    "md": Format("Markdown", "md", "text/markdown", listing.file),
    "csv": Format("CSV", "csv", "text/csv", table.file),
}
"""By the word after /export."""
