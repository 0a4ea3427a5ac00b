"""Libraries of the machine that hostile input could use against it: with one that is unsafe, nothing starts."""

from __future__ import annotations

import pyexpat
import re

from monitor.errors import UnfitMachine

# From this release on, expat stops entities that expand without end (CVE-2013-0340); feeds are XML from anybody.
SAFE_EXPAT = (2, 4, 1)


def check_libraries() -> None:
    """Refuse a machine whose XML parser expands whatever it is told to.

    Raises:
        UnfitMachine: expat is older than 2.4.1.
    """
    told = pyexpat.EXPAT_VERSION
    version = tuple(int(number) for number in re.findall(r"\d+", told))
    if version < SAFE_EXPAT:
        safe = ".".join(map(str, SAFE_EXPAT))
        raise UnfitMachine(
            f"this Python reads XML with {told.replace('_', ' ')}, which a feed of a few lines can make take all memory"
            f" (CVE-2013-0340); install expat {safe} or newer, or a Python that brings one"
        )
