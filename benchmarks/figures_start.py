"""What starting costs: CPU of `paperboy run` until it asks Telegram for updates, and its memory.

Both are of the process with all its children, which are none while nothing is parsed, without a
model and on a new database. The yardstick is `python -c "import telegram.ext"`; in turns, medians.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

AIMS = {"start_vs_telegram_ext": "≤ 6", "idle_mb": "≤ 120"}

ROOT = Path(__file__).parent.parent
TOKEN = "123456:made-up-for-the-benchmark"
NOWHERE = "http://127.0.0.1:9"
IDLE_AFTER_S = 8.0
ME = {"id": 123456, "is_bot": True, "first_name": "Paperboy", "username": "paperboy_bot"}


def figures(quick: float = 1.0) -> Iterator[tuple[str, float]]:
    """Measures; `quick` is the share of the starts."""
    starts = max(1, round(5 * quick))
    ours, theirs = [], []
    started()  # compiles what is new
    for _ in range(starts):
        theirs.append(imported("telegram.ext"))
        ours.append(started())
    resident = [started(IDLE_AFTER_S, memory=True) for _ in range(max(1, starts // 3))]
    yield "start_cpu_s", statistics.median(ours)
    yield "telegram_ext_cpu_s", statistics.median(theirs)
    yield "start_vs_telegram_ext", statistics.median(ours) / statistics.median(theirs)
    yield "idle_mb", statistics.median(resident)


def imported(name: str) -> float:
    """CPU of a process that imports something and ends, in seconds."""
    process = subprocess.Popen([sys.executable, "-c", f"import {name}"])
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0
    return used.ru_utime + used.ru_stime


def started(wait_s: float = 0.0, *, memory: bool = False) -> float:
    """CPU in seconds, or memory in MiB, of `paperboy run` so long after it began to serve."""
    with tempfile.TemporaryDirectory() as folder, telegram() as (url, serves):
        chosen = {
            "PAPERBOY_DATABASE_URL": f"sqlite:///{folder}/paperboy.db",
            "PAPERBOY_TELEGRAM_TOKEN": TOKEN,
            "PAPERBOY_TELEGRAM_API_URL": url,
            "PAPERBOY_ARXIV_FEED_URL": NOWHERE,
            "PAPERBOY_ARXIV_API_URL": NOWHERE,
            "PAPERBOY_ARXIV_SITE_URL": NOWHERE,
            "PAPERBOY_LANGUAGE": "en",
        }
        command = [sys.executable, "-m", "bot", "run"]
        quiet = subprocess.DEVNULL
        with subprocess.Popen(
            command, cwd=ROOT, env=os.environ | chosen, stdout=quiet, stderr=quiet
        ) as process:
            try:
                if not serves.wait(60):
                    raise TimeoutError("paperboy does not serve")
                time.sleep(wait_s)
                family = [process.pid, *children(process.pid)]
                return sum(map(resident_mb if memory else cpu_s, family))
            finally:
                process.terminate()


def children(pid: int) -> list[int]:
    """The processes that it started, and theirs."""
    own = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [each for child in map(int, own) for each in (child, *children(child))]


def cpu_s(pid: int) -> float:
    """What a process has used, in user and system mode."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """What is resident of a process, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@contextmanager
def telegram() -> Iterator[tuple[str, threading.Event]]:
    """A Bot API where nobody writes; the event is set once somebody asks for updates."""
    serves = threading.Event()

    class Api(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            method = self.path.rpartition("/")[2].lower()
            if method == "getupdates":
                serves.set()
                time.sleep(1)
            result = {"getme": ME, "getupdates": []}.get(method, True)
            body = json.dumps({"ok": True, "result": result}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 # http.server's name

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Says nothing of who is terminated in the middle of a question."""

    server = Server(("127.0.0.1", 0), Api)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", serves
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    for name, value in figures(float(sys.argv[1]) if sys.argv[1:] else 1.0):
        print(f"{name:30} {value:10.3f}")
