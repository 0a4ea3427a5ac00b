"""What people read of alerts: mails, from alerts to final bytes, and accounts of why."""

from monitor.render.account import account, asked_by, sentences
from monitor.render.mail import Letters
from monitor.render.mime import UnsafeMailError, check_final, domain_of

__all__ = ["Letters", "UnsafeMailError", "account", "asked_by", "check_final", "domain_of", "sentences"]
