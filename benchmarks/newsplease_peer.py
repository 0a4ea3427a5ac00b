"""news-please at the same work, run by `page_path.py` with the interpreter of news-please's own environment.

Each line of stdin is a list of [address, page] as JSON; the answer is a line with the CPU seconds that it took to
extract them and to insert each, and how many had a text. The first line is what importing took.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import sys
import time


def main(database: str) -> None:
    """Serve until there is no more input."""
    answers, sys.stdout = sys.stdout, sys.stderr
    from newsplease import NewsPlease  # noqa: PLC0415 - what this takes is measured

    print(json.dumps([time.process_time(), 0]), file=answers, flush=True)
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE articles (url PRIMARY KEY, title, text, authors, language, published_at)")
    for line in sys.stdin:
        pages, found = json.loads(line), 0
        started = time.process_time()
        for url, html in pages:
            with contextlib.suppress(Exception):
                article = NewsPlease.from_html(html, url=url, fetch_images=False)
                found += bool(article.maintext)
                row = (article.title, article.maintext, article.authors, article.language, article.date_publish)
                connection.execute("INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?)", (url, *map(str, row)))
                connection.commit()
        print(json.dumps([time.process_time() - started, found]), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
