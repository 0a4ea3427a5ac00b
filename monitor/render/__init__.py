"""Mails: from alerts to final bytes."""

from monitor.render.mail import Letters
from monitor.render.mime import UnsafeMailError, check_final, domain_of

__all__ = ["Letters", "UnsafeMailError", "check_final", "domain_of"]
