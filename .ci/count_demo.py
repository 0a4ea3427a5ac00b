"""Counts what `make demo` left behind, by itself: articles, alerts and mails; 1 if they do not fit together.

    python .ci/count_demo.py demo-data

It uses the standard library alone and knows nothing of the program but the documented views and the mails' text.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
import sqlite3
import sys
from collections import defaultdict
from pathlib import Path

# What the twelve embedded outlets publish: monitor/demo/texts.py, counted by hand.
ARTICLES = 27
ALERTS = 36  # eighteen articles that match, for two recipients


def main(folder: Path) -> int:
    """Print the counts and every fault."""
    connection = sqlite3.connect(f"{(folder / 'monitor.db').absolute().as_uri()}?mode=ro", uri=True)
    articles = connection.execute("select count(*) from v_articles").fetchone()[0]
    alerts = connection.execute("select recipient, url, state from v_alerts").fetchall()
    connection.close()
    mails = [path.read_bytes() for path in sorted((folder / "mail").glob("*.eml"))]
    links: dict[tuple[str, str], set[str]] = defaultdict(set)
    copies: dict[str, set[str]] = defaultdict(set)
    for raw in mails:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        name, recipient = str(message["Message-ID"]), str(message["To"])
        copies[name].add(hashlib.sha256(raw).hexdigest())
        part = message.get_body(("plain",))
        for url in re.findall(r"^https?://\S+", part.get_content() if part else "", re.MULTILINE):
            links[recipient, url].add(name)
    faults = [f"{articles} articles, not {ARTICLES}"] if articles != ARTICLES else []
    faults += [f"{len(alerts)} alerts, not {ALERTS}"] if len(alerts) != ALERTS else []
    faults += [f"{url} for {who} is {state}" for who, url, state in alerts if state != "sent"]
    faults += [f"{url} for {who} is in no mail" for who, url, _ in alerts if (who, url) not in links]
    faults += [f"{url} for {who} is in {len(names)} mails" for (who, url), names in links.items() if len(names) > 1]
    faults += [f"{name} was sent with other bytes" for name, digests in copies.items() if len(digests) > 1]
    faults += ["more than one mail was repeated"] if len(mails) - len(copies) > 1 else []
    sys.stdout.write(f"demo: {articles} articles, {len(alerts)} alerts, {len(copies)} mails, {len(mails)} received\n")
    sys.stdout.writelines(f"demo: {fault}\n" for fault in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
