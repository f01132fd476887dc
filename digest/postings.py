"""Sets of small numbers, and shelves of many of them under their terms (pure).

In memory a set is a whole number, whose bit n says whether n is in it, so that sets meet by `&`,
`|` and `~`. As bytes it is either the distances between its members, seven bits a byte, or the bits
as they are: what is shorter.

What a volume says of a term is the places of its papers that have it, each with how they say it:
`place * HOWS + how`, in ascending order. A term has a list of volumes, a shelf has a list of terms.
The terms stand together at its head, so that one that is not there costs one look; behind them is
where the list of each ends.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

HOWS = 4
"""So many ways in which a paper says a term: any two of `terms.TITLED` and `terms.OFTEN`."""

_DISTANCES, _BITS = b"\x00", b"\x01"
_MORE, _SEVEN = 0x80, 0x7F
ONE_BYTE = _MORE  # smaller numbers take one
_BETWEEN, _END = b"\n", b"\n\n"  # terms, and the end of their list
_WIDTH = 3  # bytes that say where what belongs to a term ends
_TITLED, _OFTEN = 1, 2
_PLACE = ~(HOWS - 1)  # of a number, without the how
_DENSE = 8  # places to one that has the term: from there on bits are shorter than distances

Said = tuple[bool, bytes]
"""What a volume says of a term: whether it is written as bits, and its bytes."""


class Sets(NamedTuple):
    """The papers that have a term: at all, in a title, and so often that they are about it."""

    places: int = 0
    titled: int = 0
    often: int = 0


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
        add(written, place - before)
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


def add(written: bytearray, number: int) -> None:
    """Write a number, seven bits a byte."""
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


def said(numbers: Sequence[int]) -> Said:
    """What a volume says of a term, as bytes.

    Args:
        numbers: `place * HOWS + how`, ascending; at least one.
    """
    if len(numbers) * _DENSE <= numbers[-1] // HOWS:
        return False, _distances(numbers)
    bits = of(number // HOWS for number in numbers)
    written = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    told = bytearray()
    add(told, len(written))
    return True, bytes(told) + written + _distances([each for each in numbers if each % HOWS])


def _distances(numbers: Sequence[int]) -> bytes:
    written, before = bytearray(), 0
    for each in numbers:
        distance = each - before
        if distance <= _SEVEN:  # the most frequent case, without a call
            written.append(distance)
        else:
            add(written, distance)
        before = each & _PLACE
    return bytes(written)


def shortest(written: bytearray, last: int) -> Said:
    """What a volume says of a term, of the distances between its papers' numbers.

    Args:
        written: each added by `add`: the number less `place * HOWS` of the one before.
        last: the last number.
    """
    sparse = (False, bytes(written))
    return together([sparse]) if len(written) * _DENSE > last // HOWS else sparse


def places(one: Said) -> int:
    """The set of places that have a term."""
    found, rest = _begun(one)
    if found:
        return found
    place = 0
    for distance in rest:
        if distance > _SEVEN:
            distance = distance & _SEVEN | _more(rest) << 7  # noqa: PLW2901 - its other bytes
        place += distance // HOWS
        found |= 1 << place
    return found


def sets(one: Said) -> Sets:
    """The sets of places that have a term, and of those that say it so."""
    found, rest = _begun(one)
    titled = often = place = 0
    for distance in rest:
        if distance > _SEVEN:
            distance = distance & _SEVEN | _more(rest) << 7  # noqa: PLW2901 - its other bytes
        place += distance // HOWS
        bit = 1 << place
        found |= bit
        if distance & _TITLED:
            titled |= bit
        if distance & _OFTEN:
            often |= bit
    return Sets(found, titled, often)


def _begun(one: Said) -> tuple[int, Iterator[int]]:
    """The places written as bits, and the bytes of the distances."""
    is_bits, written = one
    if not is_bits:
        return 0, iter(written)
    length, at = _number(written, 0)
    found = int.from_bytes(written[at : at + length], "little")
    return found, iter(written[at + length :])


def _more(rest: Iterator[int]) -> int:
    """What stands in a number's other bytes."""
    byte = next(rest)
    return byte if byte <= _SEVEN else byte & _SEVEN | _more(rest) << 7


def _numbers(written: bytes, at: int) -> Iterator[int]:
    """What `_distances` wrote, from some byte on."""
    before, end = 0, len(written)
    while at < end:
        distance = written[at]
        if distance <= _SEVEN:
            at += 1
        else:
            distance, at = _number(written, at)
        before += distance
        yield before
        before &= _PLACE


def together(some: Iterable[Said]) -> Said:
    """What several say of the same volume; a paper that many know says it in all their ways."""
    hows: dict[int, int] = {}
    for each in some:
        for number in _said(each):
            place = number & _PLACE
            hows[place] = hows.get(place, 0) | number
    return said(sorted(hows.values()))


def _said(one: Said) -> Iterator[int]:
    """The numbers that were written; of those as bits, some twice, the second time with a how."""
    is_bits, written = one
    start = 0
    if is_bits:
        length, at = _number(written, 0)
        start = at + length
        bits = f"{int.from_bytes(written[at:start], 'little'):b}"
        yield from (place * HOWS for place, bit in enumerate(reversed(bits)) if bit == "1")
    yield from _numbers(written, start)


def listed(volumes: Mapping[int, Said]) -> bytes:
    """The bytes of a term's list, by how many days a volume is older than its layer's newest."""
    written = bytearray()
    for age in sorted(volumes):
        add_volume(written, age, volumes[age])
    return bytes(written)


def add_volume(written: bytearray, age: int, one: Said) -> None:
    """Add an older volume to a term's list."""
    is_bits, body = one
    add(written, age)
    add(written, len(body) << 1 | is_bits)
    written += body


def volumes(written: bytes) -> Iterator[tuple[int, Said]]:
    """What `listed` made bytes of, the newest first."""
    at, end = 0, len(written)
    while at < end:
        age, at = _number(written, at)
        head, at = _number(written, at)
        behind = at + (head >> 1)
        yield age, (bool(head & 1), written[at:behind])
        at = behind


def pack(shelf: Mapping[str, bytes]) -> bytes:
    """The bytes of a shelf: of each term, what `listed` made of its volumes."""
    terms = sorted(shelf)
    head = _BETWEEN + _BETWEEN.join(term.encode() for term in terms) + _END
    ends = accumulate(len(shelf[term]) for term in terms)
    where = b"".join(end.to_bytes(_WIDTH, "little") for end in ends)
    return head + where + b"".join(shelf[term] for term in terms)


def unpack(written: bytes) -> dict[str, bytes]:
    """Every term of a shelf, with its list."""
    end = written.index(_END)
    terms = written[len(_BETWEEN) : end].decode().split("\n")
    return {term: _entry(written, end, at, len(terms)) for at, term in enumerate(terms)}


def look(written: bytes, term: str) -> bytes:
    """The list of one term of a shelf; an empty one where it is not there."""
    end = written.index(_END)
    found = written.find(_BETWEEN + term.encode() + _BETWEEN, 0, end + 1)
    if found < 0:
        return b""
    at, count = written.count(_BETWEEN, 0, found), written.count(_BETWEEN, 0, end)
    return _entry(written, end, at, count)


def _entry(written: bytes, end: int, at: int, count: int) -> bytes:
    """What belongs to a term, by its number among `count`; their list ends at `end`."""
    where = end + len(_END)
    first = where + count * _WIDTH
    start = _place(written, where + (at - 1) * _WIDTH) if at else 0
    return written[first + start : first + _place(written, where + at * _WIDTH)]


def _place(written: bytes, at: int) -> int:
    return int.from_bytes(written[at : at + _WIDTH], "little")
