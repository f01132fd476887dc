"""What readers follow, and which papers belong to it.

A field is a named field (`ai`, `cl`), one of arXiv's categories or archives (`cs.AI`, `math`), or a
reader's own phrase (`"vector database" -survey`). `Field.key` is what subscribers store.

    resolve(text)           what somebody typed → Resolution(field, choices)
    sentence(text)          the phrase that a whole sentence is, or None
    by_key(key)             a stored key → Field; known(key): None where it means nothing any more
    only_leaves_out(text)   whether it is a lone `-survey`, which is no field
    name(field, language)   what it is called; `describe` says in a sentence what it brings
    called(key, language)   the name of what is stored as a key, whatever it is
    neighbours(field)       the broader and the narrower fields
    named(), categories()   everything in the catalogue; `codes(archive)`, `category_name(code, …)`
    archives(field)         where its papers are announced, the most important archive first

    score(paper, field)     0 to 1; `member` from THRESHOLD on, the same for every field
    place(papers, fields)   a day at once: paper id → {field key: score}, members only

    near(paper)             the named fields that a model may be asked about, with their scores
    judged(score, label)    a score after a model's word
    fingerprint(field)      changes with whatever changes a field's scores
    asked(field), with_profile(field, profile)   a phrase, and what a model says that it asks for

    worth(score, kind, id)  sorts the best first: by fit, then new before cross; shifted(worth, by)
    folded(papers)          near-duplicates together: same titles, parts I and II of one work

Everything is read at first use; importing this package does nothing.
"""

from digest.fields.catalogue import (
    ARCHIVES,
    LONGEST_PHRASE,
    PHYSICS,
    Field,
    archives,
    asked,
    by_key,
    called,
    categories,
    category_name,
    code_meant,
    codes,
    describe,
    known,
    name,
    named,
    neighbours,
    only_leaves_out,
    with_profile,
)
from digest.fields.own import says_enough
from digest.fields.placing import (
    BELONGS,
    THRESHOLD,
    fingerprint,
    judged,
    member,
    near,
    place,
    score,
)
from digest.fields.ranking import folded, shifted, worth
from digest.fields.resolving import Resolution, resolve, sentence

__all__ = [
    "ARCHIVES",
    "BELONGS",
    "LONGEST_PHRASE",
    "PHYSICS",
    "THRESHOLD",
    "Field",
    "Resolution",
    "archives",
    "asked",
    "by_key",
    "called",
    "categories",
    "category_name",
    "code_meant",
    "codes",
    "describe",
    "fingerprint",
    "folded",
    "judged",
    "known",
    "member",
    "name",
    "named",
    "near",
    "neighbours",
    "only_leaves_out",
    "place",
    "resolve",
    "says_enough",
    "score",
    "sentence",
    "shifted",
    "with_profile",
    "worth",
]
