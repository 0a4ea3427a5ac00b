"""What must be true of every mail that leaves, whatever it tells."""

from __future__ import annotations

import email.policy
import re
from email import message_from_bytes

from lxml import html

NAMES = ["From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted", "MIME-Version", "Content-Type"]
FORBIDDEN = {"script", "style", "iframe", "svg", "form", "object", "img", "link", "embed", "base"}


def check(raw: bytes) -> tuple[str, str, str]:
    """Check a mail's structure; gives subject, text and HTML."""
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    head = raw.partition(b"\r\n\r\n")[0].decode()
    assert max(map(len, head.split("\r\n"))) <= 100
    assert all(len(word) <= 75 for word in re.findall(r"=\?\S+\?=", head))
    message = message_from_bytes(raw, policy=email.policy.default)
    assert list(message.keys()) == NAMES
    assert message["Auto-Submitted"] == "auto-generated"
    text, markup = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    plain = text.get_content()
    if markup is None:
        return str(message["Subject"]), plain, ""
    document = html.fromstring(markup.get_content())
    for element in document.iter():
        assert element.tag not in FORBIDDEN
        assert not [name for name in element.attrib if name.startswith("on") or name in {"src", "background"}]
        assert "url(" not in element.get("style", "")
    links = set(document.xpath("//a/@href"))
    assert all(link.startswith(("http://", "https://")) for link in links)
    assert links == set(re.findall(r"^https?://\S+", plain, re.MULTILINE))
    return str(message["Subject"]), plain, document.text_content()
