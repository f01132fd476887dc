"""Sets of small numbers, and shelves of many of them under their terms (pure).

In memory a set is a whole number, whose bit n says whether n is in it, so that sets meet by `&`,
`|` and `~`. As bytes it is either the distances between its members, seven bits a byte, or the bits
as they are: what is shorter.

A shelf is a list of terms, and for each the sets of papers that have it: at all, in a title, often.
The terms stand together at its head, so that one that is not there costs one look; behind them is
where the sets of each end.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_DISTANCES, _BITS = b"\x00", b"\x01"
_MORE, _SEVEN = 0x80, 0x7F
_BETWEEN, _END = b"\n", b"\n\n"  # terms, and the end of their list
_WIDTH = 3  # bytes that say where what belongs to a term ends


class Sets(NamedTuple):
    """The papers that have a term: at all, in a title, and so often that they are about it."""

    places: int = 0
    titled: int = 0
    often: int = 0


NOTHING = Sets()


def of(members: Iterable[int]) -> int:
    """The set of some numbers."""
    bits = 0
    for each in members:
        bits |= 1 << each
    return bits


def members(bits: int) -> Iterator[int]:
    """The numbers in a set, the largest first."""
    while bits:
        top = bits.bit_length() - 1
        yield top
        bits ^= 1 << top


def encode(bits: int) -> bytes:
    """The bytes of a set; none for the empty one."""
    if not bits:
        return b""
    size = (bits.bit_length() + 7) // 8
    if bits.bit_count() >= size:
        return _BITS + bits.to_bytes(size, "little")
    written, before = bytearray(_DISTANCES), 0
    while bits:
        lowest = bits & -bits
        place = lowest.bit_length() - 1
        _add_number(written, place - before)
        before = place
        bits ^= lowest
    return bytes(written)


def decode(written: bytes) -> int:
    """The set that bytes are."""
    if written[:1] == _BITS:
        return int.from_bytes(written[1:], "little")
    bits = place = 0
    at, end = 1, len(written)
    while at < end:
        distance, at = _number(written, at)
        place += distance
        bits |= 1 << place
    return bits


def _add_number(written: bytearray, number: int) -> None:
    while number > _SEVEN:
        written.append(number & _SEVEN | _MORE)
        number >>= 7
    written.append(number)


def _number(written: bytes, at: int) -> tuple[int, int]:
    """The number that stands there, and where the next one does."""
    number = written[at]
    if number <= _SEVEN:
        return number, at + 1
    number &= _SEVEN
    shift = 7
    while True:
        at += 1
        number |= (written[at] & _SEVEN) << shift
        if written[at] <= _SEVEN:
            return number, at + 1
        shift += 7


def pack(shelf: Mapping[str, bytes]) -> bytes:
    """The bytes of a shelf: of each term, what `packed` made of its sets."""
    terms = sorted(shelf)
    head = _BETWEEN + _BETWEEN.join(term.encode() for term in terms) + _END
    ends = accumulate(len(shelf[term]) for term in terms)
    where = b"".join(end.to_bytes(_WIDTH, "little") for end in ends)
    return head + where + b"".join(shelf[term] for term in terms)


def packed(sets: Sets) -> bytes:
    """The bytes of a term's sets."""
    places, titled, often = map(encode, sets)
    if not titled and not often:
        return b"\x00" + places
    written = bytearray()
    _add_number(written, len(places))
    written += places
    _add_number(written, len(titled))
    return bytes(written) + titled + often


def unpacked(written: bytes) -> Sets:
    """The sets that `packed` made bytes of."""
    length, at = _number(written, 0)
    if not length:
        return Sets(decode(written[at:]))
    places, at = decode(written[at : at + length]), at + length
    length, at = _number(written, at)
    return Sets(places, decode(written[at : at + length]), decode(written[at + length :]))


def unpack(written: bytes) -> dict[str, bytes]:
    """Every term of a shelf, with what `packed` made of its sets."""
    if not written:
        return {}
    end = written.index(_END)
    terms = written[len(_BETWEEN) : end].decode().split("\n")
    return {term: _entry(written, end, at, len(terms)) for at, term in enumerate(terms)}


def look(written: bytes, term: str) -> Sets:
    """The sets of one term of a shelf; empty ones where it is not there."""
    end = written.index(_END)
    found = written.find(_BETWEEN + term.encode() + _BETWEEN, 0, end + 1)
    if found < 0:
        return NOTHING
    at, count = written.count(_BETWEEN, 0, found), written.count(_BETWEEN, 0, end)
    return unpacked(_entry(written, end, at, count))


def _entry(written: bytes, end: int, at: int, count: int) -> bytes:
    """What belongs to a term, by its number among `count`; their list ends at `end`."""
    where = end + len(_END)
    first = where + count * _WIDTH
    start = _place(written, where + (at - 1) * _WIDTH) if at else 0
    return written[first + start : first + _place(written, where + at * _WIDTH)]


def _place(written: bytes, at: int) -> int:
    return int.from_bytes(written[at : at + _WIDTH], "little")
