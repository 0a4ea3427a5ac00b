from __future__ import annotations

import contextlib
import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect.unpack import unpacker
from monitor.errors import SourceError
from tests.rigs.bombs import packed_as

CODINGS = ("gzip", "deflate", "br")
FEED = b"<rss><channel><title>One</title><item><title>Talks went on</title><guid>1</guid></item></channel></rss>"


def unpacked(coding: str, packed: bytes, *, step: int = 65_536) -> bytes:
    """Unpack in pieces as they might come from the network."""
    unpack = unpacker(coding)
    parts = [part for at in range(0, len(packed), step) for part in unpack.feed(packed[at : at + step])]
    unpack.finish()
    return b"".join(parts)


# The part and how often it comes are drawn apart: Hypothesis, which shows what it draws, never holds a large value.
@given(part=st.binary(max_size=99), times=st.sampled_from([1, 3, 2_000]), step=st.integers(1, 99))
@pytest.mark.parametrize("coding", CODINGS)
def test_any_body_comes_out_as_it_went_in_however_it_is_parted(coding: str, part: bytes, times: int, step: int) -> None:
    body = part * times
    assert unpacked(coding, packed_as(coding, body), step=step) == body


@pytest.mark.parametrize("coding", CODINGS)
def test_case_100_a_packed_feed_that_is_cut_anywhere_is_an_error(coding: str) -> None:
    """After every byte but the last; nothing at all is an empty body (case 100)."""
    packed = packed_as(coding, FEED)
    for length in range(1, len(packed)):
        with pytest.raises(SourceError, match="bad_response"):
            unpacked(coding, packed[:length])
    assert unpacked(coding, packed) == FEED
    assert unpacked(coding, b"") == b""


def test_gzip_may_have_several_members_and_padding_and_none_of_them_may_be_cut() -> None:
    """As log rotators and some proxies write it (RFC 1952, section 2.2)."""
    first, second = gzip.compress(b"one "), gzip.compress(b"two")
    for step in (1, 7, 65_536):
        assert unpacked("x-gzip", first + second, step=step) == b"one two"
        assert unpacked("GZIP", first + bytes(9), step=step) == b"one "
        with pytest.raises(SourceError, match="cut short"):
            unpacked("gzip", first + second[:-1], step=step)


def test_deflate_may_lack_its_header() -> None:
    """As some servers send it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(FEED) + packer.flush()
    assert unpacked("deflate", packed) == FEED
    with pytest.raises(SourceError, match="bad_response"):
        unpacked("deflate", packed[:-1])


@pytest.mark.parametrize("coding", CODINGS)
def test_a_bomb_comes_out_in_small_pieces(coding: str) -> None:
    """So that whoever reads it can stop in time (case 26)."""
    pieces = unpacker(coding).feed(packed_as(coding, bytes(3_000_000)))
    assert max(map(len, pieces)) <= 200_000


@given(packed=st.binary(max_size=200))
@pytest.mark.parametrize("coding", CODINGS)
def test_no_bytes_raise_anything_but_a_source_error(coding: str, packed: bytes) -> None:
    with contextlib.suppress(SourceError):
        unpacked(coding, packed)


@pytest.mark.parametrize("coding", ["zstd", "compress", "gzip, gzip", "br, gzip", "x" * 9999])
def test_what_nobody_asked_for_is_refused(coding: str) -> None:
    with pytest.raises(SourceError, match="not asked for"):
        unpacker(coding)


def test_what_is_not_packed_passes() -> None:
    assert unpacked("identity", FEED) == unpacked("", FEED) == FEED
