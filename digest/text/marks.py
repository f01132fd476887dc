"""The marks that TeX is read with: control characters that no text holds once it is prepared."""

from __future__ import annotations

import re

MATH_ON = "\x01"
MATH_OFF = "\x02"
DOLLAR = "\x03"  # a dollar sign that is one
SOFT = "\x04"  # a space where letters would run together: log n, log(n)

_SHIELDED = "_~^&-'`"
_SHIELDS = "\x0e\x0f\x10\x11\x12\x13\x14"
_SHIELD = str.maketrans(_SHIELDED, _SHIELDS)
_UNSHIELD = str.maketrans(_SHIELDS + DOLLAR, _SHIELDED + "$")

# Control characters, and those that turn the reading direction of what follows (U+202A to U+202E,
# U+2066 to U+2069): neither belongs in a chat.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]")
_ADDRESS = re.compile(r"(?:https?://|www\.)(?:[^\s{}$\\]|\\[_%&#~])+")
_SOFT_SPACE = re.compile(
    rf"(?<=[\w)\]}}|‖⟩′*]){SOFT}+(?=[^\W_]|[√∑∏∫∞∂∇‖⟨¬{DOLLAR}])",
)
_LOOSE = re.compile(r" (?<=[^\s.,;:!?] )(?=[,;.!?](?: |$))")
_QUOTED = re.compile(r"(?<![\w`'])`([^`'\n]{1,80})'(?!\w)")


def prepare(text: str) -> str:
    """One line without unsafe characters; TeX's own signs inside web addresses are shielded."""
    if not text.isprintable():
        text = _UNSAFE.sub(" ", text)
    text = " ".join(text.split())
    if "://" in text or "www." in text:
        text = _ADDRESS.sub(_shield, text)
    return text


def _shield(address: re.Match[str]) -> str:
    return re.sub(r"\\([_%&#~])", r"\1", address[0]).translate(_SHIELD)


def finish(text: str) -> str:
    """Marks resolved, quotation marks paired, spaces single and none before a comma."""
    if SOFT in text:
        text = _SOFT_SPACE.sub(" ", text).replace(SOFT, "")
    if "`" in text:
        text = _QUOTED.sub(r"‘\1’", text)
    if not text.isprintable():
        text = text.translate(_UNSHIELD).replace("( ", "(").replace(" )", ")")
    return _LOOSE.sub("", " ".join(text.split()))
