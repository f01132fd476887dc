"""arXiv's documents as arXiv writes them, made from announcements: RSS, Atom, listing, search API.

Shapes were read off arXiv's own sources (github.com/arXiv: arxiv-feed, arxiv-browse) and recorded
answers of 2025 and 2026. Pure: a day and announcements in, a document out.
"""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from digest.models import Announcement, Kind, Paper

if TYPE_CHECKING:
    from collections.abc import Sequence

EASTERN = ZoneInfo("America/New_York")
NAMESPACES = (
    'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)
_URL = re.compile(r"https?://[\w.-]+(?:/[\w~?=#%+./-]*)?(?<=[\w/])")
SECTIONS = {
    "New submissions": (Kind.NEW,),
    "Cross submissions": (Kind.CROSS,),
    "Replacement submissions": (Kind.REPLACE, Kind.REPLACE_CROSS),
}


def midnight(day: date) -> datetime:
    """The stamp of a feed: midnight US Eastern."""
    return datetime.combine(day, time(), EASTERN)


def rss(query: str, day: date, announced: Sequence[Announcement]) -> str:
    """RSS 2.0 as of rss.arxiv.org/rss/<query>."""
    names = escape(", ".join(query.split("+")))
    items = "".join(_rss_item(day, one) for one in announced)
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<rss {NAMESPACES} "
        'xmlns:atom="http://www.w3.org/2005/Atom" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" version="2.0">\n  <channel>\n'
        f"    <title>{names} updates on arXiv.org</title>\n"
        f"    <link>http://rss.arxiv.org/rss/{escape(query)}</link>\n"
        f"    <description>{names} updates on the arXiv.org e-print archive.</description>\n"
        f'    <atom:link href="http://rss.arxiv.org/rss/{escape(query)}" rel="self" '
        'type="application/rss+xml"/>\n'
        "    <docs>http://www.rssboard.org/rss-specification</docs>\n"
        "    <language>en-us</language>\n"
        f"    <lastBuildDate>{format_datetime(midnight(day).astimezone(UTC))}</lastBuildDate>\n"
        "    <managingEditor>rss-help@arxiv.org</managingEditor>\n"
        f"    <pubDate>{format_datetime(midnight(day))}</pubDate>\n"
        "    <skipDays>\n      <day>Sunday</day>\n      <day>Saturday</day>\n    </skipDays>\n"
        f"{items}  </channel>\n</rss>\n"
    )


def _description(one: Announcement) -> str:
    head = f"arXiv:{versioned(one.paper)} Announce Type: {one.kind} \nAbstract: "
    return head + escape(one.paper.abstract)


def _rss_item(day: date, one: Announcement) -> str:
    paper = one.paper
    categories = "".join(f"      <category>{c}</category>\n" for c in paper.categories)
    return (
        f"    <item>\n      <title>{escape(paper.title)}</title>\n"
        f"      <link>https://arxiv.org/abs/{paper.id}</link>\n"
        f"      <description>{_description(one)}</description>\n"
        f'      <guid isPermaLink="false">oai:arXiv.org:{versioned(paper)}</guid>\n{categories}'
        f"      <pubDate>{format_datetime(midnight(day))}</pubDate>\n"
        f"      <arxiv:announce_type>{one.kind}</arxiv:announce_type>\n"
        "      <dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>\n"
        f"      <dc:creator>{escape(', '.join(paper.authors))}</dc:creator>\n    </item>\n"
    )


def atom(query: str, day: date, announced: Sequence[Announcement]) -> str:
    """The Atom twin, as of rss.arxiv.org/atom/<query>."""
    stamp = midnight(day).astimezone(UTC).isoformat()
    entries = "".join(_atom_entry(day, one) for one in announced)
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<feed {NAMESPACES} "
        'xmlns="http://www.w3.org/2005/Atom" xml:lang="en-us">\n'
        f"  <id>http://rss.arxiv.org/atom/{escape(query)}</id>\n"
        f"  <title>{escape(', '.join(query.split('+')))} updates on arXiv.org</title>\n"
        f"  <updated>{stamp}</updated>\n{entries}</feed>\n"
    )


def _atom_entry(day: date, one: Announcement) -> str:
    paper = one.paper
    categories = "".join(f'    <category term="{c}"/>\n' for c in paper.categories)
    return (
        f"  <entry>\n    <id>oai:arXiv.org:{versioned(paper)}</id>\n"
        f"    <title>{escape(paper.title)}</title>\n"
        f"    <updated>{midnight(day).astimezone(UTC).isoformat()}</updated>\n"
        f'    <link href="https://arxiv.org/abs/{paper.id}" rel="alternate" type="text/html"/>\n'
        f"    <summary>{_description(one)}</summary>\n{categories}"
        f"    <published>{midnight(day).isoformat()}</published>\n"
        f"    <arxiv:announce_type>{one.kind}</arxiv:announce_type>\n"
        f"    <dc:creator>{escape(', '.join(paper.authors))}</dc:creator>\n  </entry>\n"
    )


def feed_error(query: str, day: date, reason: str) -> str:
    """What comes with a 400 for a bad category."""
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>\n<rss {NAMESPACES} version=\"2.0\">\n  <channel>\n"
        f"    <title>Feed error for query: http://rss.arxiv.org/rss/{escape(query)}</title>\n"
        f"    <description>{escape(reason)}</description>\n"
        f"    <pubDate>{format_datetime(midnight(day))}</pubDate>\n  </channel>\n</rss>\n"
    )


def listing(
    subject: str, day: date, announced: Sequence[Announcement], *, skip: int = 0, show: int = 2000
) -> str:
    """The page of /list/<subject>/new."""
    total = f"<div class='paging'>Total of {len(announced)} entries\n</div>" if announced else ""
    head = (
        f"  <h1>{html.escape(subject)}</h1>\n<ul>\n</ul>\n<p>See <a>recent</a> articles</p>\n"
        f"<h3>Showing new listings for {day:%A}, {day.day} {day:%B %Y}</h3>\n{total}\n"
    )
    body = _sections(announced, skip, show) if announced else "<p>No updates today.</p>\n"
    return _page(head + body + total)


def catchup(
    subject: str,
    day: date,
    announced: Sequence[Announcement],
    *,
    page: int = 1,
    size: int = 2000,
    abstracts: bool = True,
) -> str:
    """The page of /catchup/<subject>/<day>."""
    when = f"{day:%a, %d %b %Y}"
    head = (
        f"  <h1>Catchup results for {html.escape(subject)} on {when}</h1>\n<div>\n"
        f"Total of {len(announced)} entries for {when}\n</div>\n"
    )
    nothing = (
        f"<div><p>No updates for {when}. There was either no announcement for this day, "
        "or no updates within the requested subject.</p></div>\n"
    )
    body = _sections(announced, (page - 1) * size, size, abstracts=abstracts)
    return _page(head + (body if announced else nothing))


def _page(inner: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"/>'
        '<title>New listings</title></head>\n<body>\n<main><div id="content">\n'
        f"<div id='content-inner'>\n<div id='dlpage'>\n{inner}\n</div>\n</div>\n"
        "</div></main>\n</body>\n</html>\n"
    )


def _sections(
    announced: Sequence[Announcement], skip: int, show: int, *, abstracts: bool = True
) -> str:
    """The three lists of one page; a list may begin on one page and end on another."""
    out, before = [], 0
    for heading, kinds in SECTIONS.items():
        whole = [a for a in announced if a.kind in kinds]
        first = max(0, skip - before)
        part = whole[first : max(0, skip + show - before)]
        if part:
            words = _showing(first, len(part), len(whole))
            entries = "".join(
                _entry(before + first + n, one, abstracts=abstracts)
                for n, one in enumerate(part, 1)
            )
            out.append(f"<dl id='articles'>\n    <h3>{heading} ({words})</h3>\n{entries}</dl>\n")
        before += len(whole)
    return "".join(out)


def _showing(first: int, shown: int, total: int) -> str:
    if first:
        return f"continued, showing last {shown} of {total} entries"
    return f"showing {'first ' if shown < total else ''}{shown} of {total} entries"


def _entry(number: int, one: Announcement, *, abstracts: bool) -> str:
    paper, fresh = one.paper, one.kind.is_fresh
    note = f"(cross-list from {paper.primary})" if one.kind is Kind.CROSS else ""
    note = note if fresh else "(replaced)"
    authors = ", ".join(
        f'<a href="https://arxiv.org/search/?query=x" rel="nofollow">{html.escape(a)}</a>'
        for a in paper.authors
    )
    rest = "".join(f"; Subject ({c})" for c in paper.categories[1:])
    comment = (
        "<div class='list-comments mathjax'><span class='descriptor'>Comments:</span>\n"
        f"          {_urlize(paper.comment)}\n        </div>\n"
        if paper.comment
        else ""
    )
    abstract = (
        f"<p class='mathjax'>\n          {_urlize(paper.abstract)}\n        </p>"
        if fresh and abstracts
        else ""
    )
    return (
        f"<dt>\n      <a name='item{number}'>[{number}]</a>\n"
        f'      <a href ="/abs/{paper.id}" title="Abstract" id="{paper.id}">\n'
        f"        arXiv:{paper.id}\n      </a>\n      {note}\n"
        f'      [<a href="/pdf/{paper.id}" title="Download PDF" id="pdf-{paper.id}">pdf</a>]\n'
        "    </dt>\n    <dd>\n      <div class='meta'>\n"
        "<div class='list-title mathjax'><span class='descriptor'>Title:</span>\n"
        f"          {html.escape(paper.title)}\n        </div>\n"
        f"<div class='list-authors'>{authors}</div>\n{comment}"
        "<div class='list-subjects'><span class='descriptor'>Subjects:</span>\n"
        f'          <span class="primary-subject">Subject ({paper.primary})</span>{rest}\n'
        f"        </div>\n{abstract}\n      </div>\n    </dd>\n"
    )


def _urlize(text: str) -> str:
    """arXiv shows a web address as a link that reads "this https URL"."""
    out, end = [], 0
    for url in _URL.finditer(text):
        scheme, address = url[0].partition(":")[0], html.escape(url[0])
        out.append(html.escape(text[end : url.start()]))
        out.append(
            f'<a href="{address}" rel="external noopener nofollow" '
            f'class="link-external link-{scheme}">this {scheme} URL</a>'
        )
        end = url.end()
    return "".join([*out, html.escape(text[end:])])


def search(query: str, papers: Sequence[Paper], *, total: int, start: int, size: int) -> str:
    """An answer of export.arxiv.org/api/query."""
    return _search_feed(query, "".join(_search_entry(p) for p in papers), total, start, size)


def search_error(bad: str) -> str:
    """What comes with a 400 for a malformed id."""
    reason = f"incorrect id format for {escape(bad)}"
    return _search_feed(
        bad,
        f"  <entry>\n    <id>https://arxiv.org/api/errors#{reason.replace(' ', '_')}</id>\n"
        f"    <title>Error</title>\n    <updated>2026-02-03T00:00:00Z</updated>\n"
        f"    <summary>{reason}</summary>\n"
        "    <author>\n      <name>arXiv api core</name>\n    </author>\n  </entry>\n",
        1,
        0,
        1,
    )


def _search_feed(query: str, entries: str, total: int, start: int, size: int) -> str:
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" '
        'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">\n'
        f"  <id>https://arxiv.org/api/x</id>\n  <title>arXiv Query: {escape(query)}</title>\n"
        "  <updated>2026-02-03T00:00:00Z</updated>\n"
        f"  <opensearch:itemsPerPage>{size}</opensearch:itemsPerPage>\n"
        f"  <opensearch:totalResults>{total}</opensearch:totalResults>\n"
        f"  <opensearch:startIndex>{start}</opensearch:startIndex>\n{entries}</feed>\n"
    )


def _search_entry(paper: Paper) -> str:
    stamp = f"{(paper.submitted or date(2026, 2, 2)).isoformat()}T12:00:00Z"
    people = "".join(
        f"    <author>\n      <name>{escape(a)}</name>\n"
        "      <arxiv:affiliation>Example Institute</arxiv:affiliation>\n    </author>\n"
        for a in paper.authors
    )
    categories = "".join(
        f'    <category term="{c}" scheme="http://arxiv.org/schemas/atom"/>\n'
        for c in sorted(paper.categories)
    )
    comment = (
        f"    <arxiv:comment>{escape(paper.comment)}</arxiv:comment>\n" if paper.comment else ""
    )
    return (
        f"  <entry>\n    <id>http://arxiv.org/abs/{versioned(paper)}</id>\n"
        f"    <title>{escape(paper.title)}</title>\n    <updated>{stamp}</updated>\n"
        f'    <link href="https://arxiv.org/abs/{versioned(paper)}" rel="alternate" '
        'type="text/html"/>\n'
        f"    <summary>{escape(paper.abstract)}</summary>\n{categories}"
        f"    <published>{stamp}</published>\n{comment}"
        f'    <arxiv:primary_category term="{paper.primary}"/>\n{people}  </entry>\n'
    )


def versioned(paper: Paper) -> str:
    """`9913.00007v1`."""
    return f"{paper.id}v{paper.version or 1}"
