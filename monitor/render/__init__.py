"""What people read of alerts: mails, from alerts to final bytes, and accounts of why."""

from monitor.render.account import account, asked_by, sentences
from monitor.render.changes import Change, Stretch, changes
from monitor.render.mail import Letters
from monitor.render.mime import UnsafeMailError, check_final, domain_of

__all__ = [
    "Change",
    "Letters",
    "Stretch",
    "UnsafeMailError",
    "account",
    "asked_by",
    "changes",
    "check_final",
    "domain_of",
    "sentences",
]
