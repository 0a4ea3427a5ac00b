"""Addresses: which may be fetched, which may be shown, and which name the same article (w3lib's door)."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import parse_qsl, quote, unquote, unquote_to_bytes, urlencode, urljoin, urlsplit, urlunsplit

from w3lib.url import safe_url_string

MOST = 2048
_SCHEMES = frozenset({"http", "https"})
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\x9f\\\ud800-\udfff]")
# Parameters that say where a reader came from, not what he reads.
_TRACKING = re.compile(
    r"(utm_.*|fbclid|gclid|dclid|gbraid|wbraid|yclid|ysclid|msclkid|mc_cid|mc_eid|igshid|igsh|_ga|_gl|_openstat"
    r"|twclid|ttclid|vero_id|cmpid|ref_src|ref_url|wt_mc|at_medium|at_campaign|ocid|traffic_source)",
    re.IGNORECASE,
)
# Services that speak other protocols; a feed address must not be a way to talk to them.
_SERVICE_PORTS = frozenset(
    {1080, 1433, 1521, 2049, 2375, 2376, 3306, 3389, 5432, 5900, 6379, 6667, 9042, 9200, 11211, 27017}
)
_NAMELESS = (".cloudfront.net", ".azureedge.net", ".azurefd.net", ".fastly.net", ".akamaized.net", ".b-cdn.net")
_LOWEST_FREE_PORT = 1024
# What names no article: no number, no words in a row.
_SECTION = re.compile(r"(?!.*\d)(?!.*[-_+ ].*[-_+ ]).{0,24}", re.DOTALL)


def check_fetch_url(url: str) -> None:
    """Accept an address that a source may name.

    Raises:
        ValueError: with the reason; the scheme, host, port, length or characters are not those of a web address.
    """
    if len(url) > MOST:
        raise ValueError(f"longer than {MOST} characters")
    if _FORBIDDEN.search(url):
        raise ValueError("contains a blank, a control character or a backslash")
    parts = urlsplit(url)
    if parts.scheme.lower() not in _SCHEMES:
        raise ValueError("is no http:// or https:// address")
    if "@" in parts.netloc:
        raise ValueError("contains a user name or password")
    if not parts.hostname:
        raise ValueError("has no host")
    try:
        port = parts.port
    except ValueError as error:
        raise ValueError("has a port that is no number from 1 to 65535") from error
    if port is not None and port not in {80, 443} and (port < _LOWEST_FREE_PORT or port in _SERVICE_PORTS):
        raise ValueError(f"names port {port}, which is no web port")


def web_url(raw: str | None, base: str | None = None) -> str | None:
    """Give an absolute http(s) address that is safe to show as a link, or None.

    What browsers would repair (tabs, line ends, leading controls, backslashes) is refused rather than repaired.
    """
    if not raw:
        return None
    text = raw.strip(" \t\r\n")
    try:
        if base and not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", text):
            if "\\" in text or not text:
                return None
            text = urljoin(base, text)
        check_fetch_url(text.replace(" ", "%20"))
        return safe_url_string(text)
    except (ValueError, UnicodeError):
        return None


def canonical_url(url: str) -> str:
    """Give the form that tells articles apart: two addresses of one article give the same text.

    Scheme, `www.`, default port, trailing slash, fragment, tracking parameters, their order and the spelling of
    percent-escapes do not count (RFC 3986, section 6.2; beyond it where outlets are known to vary). A fragment that
    is a path (`#/news/1`, `#!news`) does: scripts of one page show an article by it. Bytes that are no UTF-8 stay.
    """
    parts = urlsplit(url)
    host = host_of(url).removeprefix("www.")
    port = f":{parts.port}" if parts.port and parts.port not in {80, 443} else ""
    path = _escapes(parts.path).rstrip("/") or "/"
    pairs = parse_qsl(parts.query, keep_blank_values=True, errors="surrogateescape")
    query = urlencode(sorted(pair for pair in pairs if not _TRACKING.fullmatch(pair[0])), errors="surrogateescape")
    route = _escapes(parts.fragment).rstrip("/") if parts.fragment.startswith(("/", "!")) else ""
    return urlunsplit(("https", host + port, path, query, route if route != "!" else ""))


def _escapes(path: str) -> str:
    """Spell percent-escapes one way: raw Armenian and its escaped form are the same address."""
    return quote(unquote_to_bytes(path), safe="/:@!$&'()*+,;=~-._")


def is_root(canonical: str) -> bool:
    """Tell whether a canonical address is that of a whole site."""
    parts = urlsplit(canonical)
    return parts.path == "/" and not parts.query and not parts.fragment


def is_front(canonical: str) -> bool:
    """Tell whether a canonical address looks like that of a front or section page and not of an article."""
    parts = urlsplit(canonical)
    words = re.split("[/&=]", f"{parts.path}&{parts.query}")
    return not parts.fragment and all(_SECTION.fullmatch(unquote(word)) for word in words)


def is_address(host: str) -> bool:
    """Tell whether a host is an IP address, without brackets, and no name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_nameless(url: str) -> bool:
    """Tell whether an address is on a delivery network's host, whose name is nobody's."""
    return host_of(url).endswith(_NAMELESS)


def host_of(url: str) -> str:
    """Give the host in lower case, IDNA-encoded where it is not ASCII; empty where there is none."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host
