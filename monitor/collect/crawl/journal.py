"""What a child has to log goes to its parent as lines, each whole: a traceback is one of them."""

from __future__ import annotations

import logging

from monitor.collect.crawl.blame import Blame
from monitor.collect.crawl.wire import Wire

_LONGEST = 2000


class Journal(logging.Handler):
    """Passes log records of Scrapy and of spiders on to the parent."""

    def __init__(self, wire: Wire, blame: Blame) -> None:
        """Take the line to the parent, and who trims tracebacks."""
        super().__init__(logging.WARNING)
        self._wire = wire
        self._blame = blame

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one record on; of a message that repeats its traceback, the first line."""
        error = record.exc_info[1] if record.exc_info else None
        try:
            message = record.getMessage()
        except Exception as wrong:  # noqa: BLE001 - a person's own format string
            message = f"{record.msg} ({wrong})"
        facts = {"traceback": self._blame.trimmed(error)} if error else {}
        told = message.partition("\n")[0] if error else message
        self._wire.say("log", name=record.name, message=told[:_LONGEST], **facts)


def keep_journal(wire: Wire, blame: Blame) -> None:
    """Make the parent the only receiver of what is logged here."""
    logging.basicConfig(handlers=[Journal(wire, blame)], level=logging.WARNING, force=True)
