"""Saved papers that have a new version: which, and what changed in title and abstract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest import changes
from digest.locale import say, separated, together
from digest.render.blocks import Block, Role, Span, abstract_url, bold, line, small
from digest.text.tex import readable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.models import Paper


def heading(language: str) -> Block:
    """What the entries below it are."""
    return Block((line(bold(say("saved.revisions", language))),), Role.HEADING)


def entry(paper: Paper, since: int | None, before: tuple[str, str] | None, language: str) -> Block:
    """One paper; `before` is the (title, abstract) that the reader knows, where it is stored."""
    versions = f"v{since} → v{paper.version}" if since else f"v{paper.version}"
    which = Span(paper.id, link=abstract_url(paper.id))
    about = line(small(f"{versions} · "), which)
    said = together(_sentences(paper, before, language), language)
    return Block((line(bold(readable(paper.title))), about, line(said)), Role.ENTRY)


def _sentences(paper: Paper, before: tuple[str, str] | None, language: str) -> list[str]:
    if before is None:
        return [say("saved.change_unknown", language)]
    title, abstract = (readable(text) for text in before)
    said = []
    if title.split() != readable(paper.title).split():
        said.append(say("saved.title_was", language, title=title))
    if abstract and paper.abstract:
        said += _abstract(changes.between(abstract, readable(paper.abstract)), language)
    return said or [say("saved.change_none", language)]


def _abstract(found: changes.Changes, language: str) -> list[str]:
    if found.is_rewritten:
        return [say("saved.abstract_new", language)]
    if not found.told:
        return []
    told = separated(_told(found.told, language), language)
    others = say("saved.changes_more", language, count=found.others) if found.others else ""
    return [say("saved.abstract_changed", language, changes=told), *([others] if others else [])]


def _told(edits: Iterable[changes.Edit], language: str) -> list[str]:
    """Each edit in a few words."""
    return [
        say(
            _key(edit), language, **{k: v for k, v in (("gone", edit.gone), ("new", edit.new)) if v}
        )
        for edit in edits
    ]


def _key(edit: changes.Edit) -> str:
    if edit.gone and edit.new:
        return "saved.words_changed"
    return "saved.words_new" if edit.new else "saved.words_gone"
