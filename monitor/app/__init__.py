"""The composition root: the one place that names concrete classes and puts them together."""

from monitor.app.analysing import prepare
from monitor.app.backtest import Trial, try_on_the_past
from monitor.app.compose import App, open_app
from monitor.app.discover import best_new, discover, known_sources, new_sources, twin_of
from monitor.app.doctor import Doctor
from monitor.app.importing import Import, plan_import, read_list
from monitor.app.lastword import say_last_word
from monitor.app.readback import ReadBack, Wish, read_back, try_reading_back
from monitor.app.rehearse import Found, Rehearsal, rehearse, source_named
from monitor.app.rounds import collect_once, mark_alert, send_test, want_pages_again
from monitor.app.spiders import read_spiders
from monitor.app.startup import tell_ground
from monitor.app.trial import index_progress, search_articles, try_feed, try_page, try_rule
from monitor.app.versions import difference_of, trial_of

__all__ = [
    "App",
    "Doctor",
    "Found",
    "Import",
    "ReadBack",
    "Rehearsal",
    "Trial",
    "Wish",
    "best_new",
    "collect_once",
    "difference_of",
    "discover",
    "index_progress",
    "known_sources",
    "mark_alert",
    "new_sources",
    "open_app",
    "plan_import",
    "prepare",
    "read_back",
    "read_list",
    "read_spiders",
    "rehearse",
    "say_last_word",
    "search_articles",
    "send_test",
    "source_named",
    "tell_ground",
    "trial_of",
    "try_feed",
    "try_on_the_past",
    "try_page",
    "try_reading_back",
    "try_rule",
    "twin_of",
    "want_pages_again",
]
