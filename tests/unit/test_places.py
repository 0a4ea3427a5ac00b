from __future__ import annotations

import asyncio

import pytest

from monitor.places import Places

SOON = 0.01


async def taken(places: Places) -> bool:
    """Tell whether no place is to be had now."""
    try:
        async with asyncio.timeout(SOON * 5), places.hold():
            return False
    except TimeoutError:
        return True


async def test_there_are_only_so_many_places() -> None:
    places = Places(2, patience=60)
    async with places.hold():
        assert not await taken(places)
        async with places.hold():
            assert await taken(places)
        assert not await taken(places)


async def test_who_takes_long_goes_on_without_a_place_which_is_given_back_once() -> None:
    places = Places(1, patience=SOON)
    async with places.hold(), places.hold():  # the second waits for the first one's patience to end
        pass
    async with Places(1, patience=60).hold():
        pass
    strict = Places(1, patience=None)
    async with strict.hold():
        assert await taken(strict)
    once = Places(1, patience=60)
    for _ in range(3):
        async with once.hold():
            assert await taken(once)


async def test_a_place_is_free_again_after_an_error() -> None:
    places = Places(1, patience=60)
    with pytest.raises(ValueError, match="odd"):
        async with places.hold():
            raise ValueError("odd")
    assert not await taken(places)
