"""Parsing elsewhere: the event loop goes on, errors come back, and nothing is left behind."""

from __future__ import annotations

import asyncio
import io
import os
import pickle
from typing import TYPE_CHECKING

import pytest

from digest.arxiv import feed
from digest.arxiv.apart import Apart
from digest.arxiv.worker import LENGTH, answer_all
from digest.errors import Truncated
from tests.fakes import arxiv_documents as documents
from tests.fakes.labour import die, session, until_there, where
from tests.fakes.papers import DAY, new, papers

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_big_document_is_read_in_another_process(tmp_path: Path) -> None:
    apart = Apart(small=10)
    there = await apart.run(where, b"x" * 11, "cs")
    assert there != os.getpid()

    # The loop goes on meanwhile: it is what ends the worker's work.
    sign = tmp_path / "sign"
    reading = asyncio.create_task(apart.run(until_there, str(sign).encode(), "cs"))
    await asyncio.sleep(0)
    sign.touch()
    assert await reading

    body = documents.rss("cs", DAY, [new(each) for each in papers(3)]).encode()
    assert await apart.run(feed.parse, body, "cs") == feed.parse(body, "cs")
    with pytest.raises(Truncated) as truncated:
        await apart.run(feed.parse, body[:-20], "cs")
    assert truncated.value.key == "errors.arxiv_bad_document"
    assert truncated.value.params == {"subject": "cs"}

    assert await apart.run(session, b"x" * 11, "cs") != os.getsid(0)
    assert await apart.run(where, b"x" * 11, "cs") == there
    await apart.close()
    await apart.close()
    with pytest.raises(ProcessLookupError):
        os.kill(there, 0)


async def test_a_small_document_is_read_at_once() -> None:
    apart = Apart()
    assert await apart.run(where, b"x", "cs") == os.getpid()
    await apart.close()


async def test_without_work_the_worker_ends() -> None:
    apart = Apart(small=0, idle_s=0)
    one = await apart.run(where, b"x", "cs")
    await asyncio.sleep(0.01)  # its time is up
    assert await apart.run(where, b"x", "cs") != one
    await apart.close()


async def test_when_the_worker_dies_a_thread_has_to_do() -> None:
    apart = Apart(small=0)
    assert await apart.run(die, b"x", "cs") == "a thread had to do"
    await apart.close()


async def test_an_answer_nobody_waits_for_is_not_taken_for_the_next(tmp_path: Path) -> None:
    sign = tmp_path / "sign"
    apart = Apart(small=0)
    one = await apart.run(where, b"x", "cs")
    given_up = asyncio.create_task(apart.run(until_there, str(sign).encode(), "cs"))
    await asyncio.sleep(0.01)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    assert await apart.run(where, b"x", "cs") != one
    await apart.close()


def test_the_worker_answers_until_its_input_ends() -> None:
    questions = [pickle.dumps((int, b"7", "cs")), pickle.dumps((where, b"x", "cs"))]
    framed = b"".join(len(each).to_bytes(LENGTH, "big") + each for each in questions)
    answers = io.BytesIO()
    answer_all(io.BytesIO(framed), answers)
    answers.seek(LENGTH)
    failed = pickle.load(answers)
    answers.seek(answers.tell() + LENGTH)
    assert isinstance(failed[1], TypeError)
    assert pickle.load(answers) == (os.getpid(), None)
