"""Work for `digest.arxiv.apart`: a worker imports this, so it imports little itself."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path


def where(_body: bytes, _subject: str) -> int:
    """Which process does it."""
    return os.getpid()


def until_there(body: bytes, _subject: str) -> bool:
    """Works until a file appears, as a long document would."""
    while not Path(body.decode()).exists():
        time.sleep(0.001)
    return True


def session(_body: bytes, _subject: str) -> int:
    """Whose Control-C it hears; and it prints, as somebody else's library may do."""
    print("not an answer")  # noqa: T201 - that is the point
    return os.getsid(0)


def die(_body: bytes, _subject: str) -> str:
    """Ends its process, unless it is done in a thread."""
    if threading.current_thread() is threading.main_thread():
        os._exit(1)
    return "a thread had to do"
