"""The ways out to people; whether trying again can help is said here, retrying is the delivery stage's."""

from monitor.notify.dialogue import Dialogue
from monitor.notify.maildir import MaildirNotifier
from monitor.notify.smtp import SmtpNotifier

__all__ = ["Dialogue", "MaildirNotifier", "SmtpNotifier"]
