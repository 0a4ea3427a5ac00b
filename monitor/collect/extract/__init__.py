"""From the bytes of an article page to a draft: pure, and run in the page worker only."""

from monitor.collect.extract.article import extract_page

__all__ = ["extract_page"]
