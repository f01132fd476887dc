"""The nouns of Paperboy: frozen values that import nothing of ours.

A paper never changes; what happens to it (an announcement, a summary, a delivery) is another value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime


class Kind(StrEnum):
    """How arXiv announces a paper on one day; the strongest kind first."""

    NEW = "new"
    CROSS = "cross"
    REPLACE = "replace"
    REPLACE_CROSS = "replace-cross"

    @property
    def rank(self) -> int:
        """0 for the strongest: a paper that is new in one archive and cross in another is new."""
        return list(Kind).index(self)

    @property
    def is_fresh(self) -> bool:
        """New and cross make the edition; replacements only update what is stored."""
        return self in {Kind.NEW, Kind.CROSS}


class Source(StrEnum):
    """Which of arXiv's documents a batch was read from."""

    FEED = "feed"
    LISTING = "listing"
    CATCHUP = "catchup"
    SEARCH = "search"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class Paper:
    """What arXiv published, as arXiv wrote it: TeX and all.

    Attributes:
        id: without version: `2602.02489`, `hep-th/9901001`.
        version: 1, 2, …; None where the document does not say (listing and catch-up pages).
        title: one line; runs of white space are one space.
        abstract: as announced, without the feed's "arXiv:… Announce Type: …" head; empty where
            the document has none (replacements on listing pages).
        authors: names in order.
        categories: arXiv's codes, primary first.
        comment: the authors' own remark ("13 pages, 3 figures"); empty where unknown.
        submitted: UTC day of version 1, known to the search API only.
    """

    id: str
    version: int | None
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    comment: str = ""
    submitted: date | None = None

    @property
    def primary(self) -> str:
        """The primary category."""
        return self.categories[0]

    @property
    def archive(self) -> str:
        """The archive of the primary category: `cs` of `cs.AI`, `hep-th` of `hep-th`."""
        return self.primary.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Announcement:
    """One paper's appearance on one arXiv day."""

    paper: Paper
    kind: Kind


@dataclass(frozen=True, slots=True)
class Count:
    """How many papers of each fresh kind a document says that it lists."""

    new: int
    cross: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What one archive (or group of archives) announced on one day, as one document told it.

    Attributes:
        subject: what was asked for: an archive (`cs`), a category, `grp_physics`, or `*` for all.
        day: the listing's date, the morning after 20:00 US Eastern.
        source: which document it comes from.
        announcements: in the document's order; a paper appears once, with its strongest kind.
        listed: what the document itself says that it lists, where it says so.
        etag: the document's ETag, to be remembered once the batch is stored.
    """

    subject: str
    day: date
    source: Source
    announcements: tuple[Announcement, ...]
    listed: Count | None = None
    etag: str = ""

    @property
    def count(self) -> Count:
        """How many new and cross announcements are here."""
        kinds = [a.kind for a in self.announcements]
        return Count(kinds.count(Kind.NEW), kinds.count(Kind.CROSS))


@dataclass(frozen=True, slots=True)
class Part:
    """What is stored of one archive of one edition.

    Attributes:
        archive: `cs`, `hep-th`, …
        count: how many new and cross papers are stored for it.
        listed: what arXiv's own listing says there should be; None until it was asked.
        etag: of the feed it came from, to ask again cheaply.
    """

    day: date
    archive: str
    source: Source
    count: Count
    listed: Count | None = None
    etag: str = ""

    @property
    def missing(self) -> int:
        """How many announced papers did not arrive."""
        if self.listed is None:
            return 0
        return max(0, self.listed.new + self.listed.cross - self.count.new - self.count.cross)


@dataclass(frozen=True, slots=True)
class Edition:
    """All announcements of one arXiv day.

    Attributes:
        day: the listing's date.
        published: when it was published (UTC); None while its parts are still coming.
        approximate: made from submission dates, not from announcements (days older than 90 days).
        missing: archives that could not be fetched, or fell short of their own count.
        source: SAMPLE for the bundled, invented edition.
    """

    day: date
    published: datetime | None = None
    approximate: bool = False
    missing: tuple[str, ...] = ()
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """One paper told shortly in one language by one writer.

    Attributes:
        writer: a model's name, or `extract`.
        language: the language of the text: an extract's is always `en`.
        title: the title in that language; the original one (as Unicode) from an extract.
        gist: one sentence.
        text: the summary of 80-180 Chinese characters or 60-120 words; may be empty in an extract.
        background, innovation, conclusion: a sentence or two each; may be empty.
        fallback: a model should have written it and failed; it is tried again later.
        version: the paper's version it tells of.
        reason: why a fallback stands in: `failed`, `budget` (the day's cap was reached) or
            `quota` (the reader's own was; such a summary is theirs alone and is not stored).
    """

    paper_id: str
    language: str
    writer: str
    title: str
    gist: str
    text: str = ""
    background: str = ""
    innovation: str = ""
    conclusion: str = ""
    fallback: bool = False
    version: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a model says that a reader's phrase asks for, in the words that papers use.

    Attributes:
        phrases: what such papers say in titles and abstracts.
        unwanted: phrases of papers that only look like it.
        categories: arXiv's codes where most of them are.
    """

    phrases: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


class State(StrEnum):
    """Whether a subscriber is sent anything."""

    ACTIVE = "active"
    PAUSED = "paused"  # they muted us, for a while or until they resume
    STOPPED = "stopped"  # they unsubscribed; their settings are kept
    GONE = "gone"  # the channel says that they are not there; active again when they come back


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody who reads: a channel, an address there, and settings.

    Attributes:
        id: the internal number, the only thing that logs name; None until stored.
        channel: `console`, `telegram`.
        address: the channel's own name for them; never logged.
        language: a catalogue's code: `en`, `zh`.
        timezone: an IANA name.
        size: how many papers a digest shows.
        fields: keys of `digest.fields`, in the order in which they were followed.
        hour: when their digest is sent: "08:30" in local time, "asap", or "" for never.
        paused_until: when a pause ends by itself; None where it does not.
        weekly: whether Sunday brings a recap of the week.
        view: how much of an entry a digest shows: `compact` or `full`.
        notices: of what they are told where there is no digest: `all`, `late` (what is late, and
            our own faults) or `none`.
    """

    channel: str
    address: str
    language: str = "en"
    timezone: str = "UTC"
    size: int = 10
    fields: tuple[str, ...] = ()
    id: int | None = None
    hour: str = ""
    state: State = State.ACTIVE
    paused_until: datetime | None = None
    weekly: bool = False
    view: str = "compact"
    notices: str = "late"


@dataclass(frozen=True, slots=True)
class Standing:
    """What has happened to a subscriber, apart from what they chose.

    Attributes:
        had: the newest edition that they were given in any way.
        settled: hours up to this instant count no more; see `digest.due.Turn`.
        next_at: when to look at them again (UTC); None where nothing is ever due.
        told_late: the newest batch that they were told is late.
        recapped: the newest Sunday whose recap they were given, or that began without them.
    """

    subscriber: Subscriber
    had: date | None = None
    settled: datetime | None = None
    next_at: datetime | None = None
    told_late: date | None = None
    recapped: date | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One paper in a digest.

    Attributes:
        fields: keys of all the reader's fields it belongs to, the section's own first.
        score: how well it fits the section's field, 0 to 1.
        late: the edition it was announced in, where it came after that one was published.
        companions: papers of the same story, which stand with this one; they count like any other.
        reasons: words of it that the reader likes, where their taste moved it up.
    """

    paper: Paper
    kind: Kind
    fields: tuple[str, ...]
    score: float
    summary: Summary | None = None
    late: date | None = None
    companions: tuple[Entry, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[Entry, ...]:
        """The entry and its companions: the papers that it brings."""
        return (self, *self.companions)


@dataclass(frozen=True, slots=True)
class Section:
    """The papers shown of one field, best first; `matched` counts those not shown, too."""

    field: str
    matched: int
    entries: tuple[Entry, ...]

    @property
    def shown(self) -> int:
        """How many papers the entries bring, companions included."""
        return len(self.entries) + sum([len(entry.companions) for entry in self.entries])


@dataclass(frozen=True, slots=True)
class Brought:
    """What the newest editions have for one field.

    Attributes:
        days: (day, how many papers), the newest first; days that could not be counted in time are
            left out.
        examples: the papers that fit best.
        sample: no edition is stored; these are the bundled sample's.
    """

    days: tuple[tuple[date, int], ...]
    examples: tuple[Paper, ...] = ()
    sample: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was announced, matched and shown: the line that lets a reader trust the digest.

    Attributes:
        announced: new and cross papers of the day, over the archives that are here.
        matched: of these, in at least one of the reader's fields.
        shown: of these, in this digest.
        empty: the reader's fields that had nothing that day.
        open: those that have nothing so far, and whose archives are not all here.
        unreadable: stored keys that mean no field any more.
        archives: the archives that are here; empty when all that were asked for are.
        pending: archives still on their way.
        missing: (archive, how many papers) that arXiv lists and that did not arrive; -1 for an
            archive that did not arrive at all.
        elsewhere: how many further archives, of no field of the reader's, are still on their way.
        late: papers shown that came after the edition they were announced in was published; they
            are not among `announced`, `matched` and `shown`.
    """

    announced: int
    matched: int
    shown: int
    empty: tuple[str, ...] = ()
    archives: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    missing: tuple[tuple[str, int], ...] = ()
    elsewhere: int = 0
    late: int = 0
    open: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Digest:
    """One edition composed for one subscriber; frozen when it is composed.

    Attributes:
        rest: what matched and is not shown, best first; empty where nobody asked for it.
        model: whether one is configured.
        view: how much of each entry is shown: `compact` or `full`.
    """

    edition: Edition
    language: str
    sections: tuple[Section, ...]
    receipt: Receipt
    rest: tuple[Entry, ...] = field(default=())
    model: bool = False
    view: str = "compact"

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries shown, in reading order."""
        return tuple([entry for section in self.sections for entry in section.entries])
