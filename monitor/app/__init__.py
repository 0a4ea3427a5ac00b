"""The composition root: the one place that names concrete classes and puts them together."""

from monitor.app.compose import App, open_app
from monitor.app.rehearse import Found, Rehearsal, rehearse, source_named
from monitor.app.rounds import collect_once, send_test, want_pages_again
from monitor.app.spiders import read_spiders
from monitor.app.trial import index_progress, search_articles, try_feed, try_page, try_rule

__all__ = [
    "App",
    "Found",
    "Rehearsal",
    "collect_once",
    "index_progress",
    "open_app",
    "read_spiders",
    "rehearse",
    "search_articles",
    "send_test",
    "source_named",
    "try_feed",
    "try_page",
    "try_rule",
    "want_pages_again",
]
