"""How many addresses of OPML files that are not well-formed are recovered.

    MONITOR_CORPUS=... .venv/bin/python benchmarks/opml.py

Files: `opml/originals`. What is there to find is what stands in quotes after `xmlUrl=` in the bytes. Beside our reader:
listparser alone, and the standard library's XML parser up to the place where it gives up.
"""

from __future__ import annotations

import codecs
import os
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import listparser

from monitor.collect.opml import read_subscriptions
from tests.corpus.test_real_opml import files, is_well_formed, told


def main(corpus: Path) -> None:
    """Print the share that each way recovers."""
    broken = [path.read_bytes() for path in files(corpus) if not is_well_formed(path.read_bytes())]
    wanted = sum(len(told(body)) for body in broken)
    print(f"{len(files(corpus))} files, {len(broken)} not well-formed, {wanted} addresses in these")
    for name, way in (("ours", _ours), ("listparser", _listparser), ("XML until it fails", _xml)):
        began = time.perf_counter()
        found = sum(len(told(body) & way(body)) for body in broken)
        spent = (time.perf_counter() - began) / len(broken) * 1000
        print(f"{name:20} {found:4} recovered, {found / wanted:.3f}, {spent:.1f} ms a file")


def _ours(body: bytes) -> set[str]:
    return {feed.url for feed in read_subscriptions(body).feeds}


def _listparser(body: bytes) -> set[str]:
    text = body.decode("utf-8", "replace").partition("?>")[2]
    return {feed.url for feed in listparser.parse(codecs.BOM_UTF8 + text.encode()).feeds}


def _xml(body: bytes) -> set[str]:
    parser, found = ET.XMLPullParser(("start",)), set()
    try:
        for place in range(0, len(body), 512):
            parser.feed(body[place : place + 512])
            found |= {element.get("xmlUrl", "") for _, element in parser.read_events()}
    except ET.ParseError:
        pass
    return found


if __name__ == "__main__":
    folder = os.environ.get("MONITOR_CORPUS")
    if not folder:
        sys.exit("MONITOR_CORPUS must name the folder of real material")
    main(Path(folder))
