"""The composition root: the one place that names concrete classes and puts them together."""

from monitor.app.compose import App, open_app
from monitor.app.rounds import collect_once, send_test
from monitor.app.trial import search_articles, try_feed, try_rule

__all__ = ["App", "collect_once", "open_app", "search_articles", "send_test", "try_feed", "try_rule"]
