"""What `monitor doctor` looks at: each look gives a check with its remedy; most are pure, the rest ask the machine."""

from monitor.doctor.files import configuration_file, mend, permissions, secret_file
from monitor.doctor.mail import mail_steps
from monitor.doctor.names import names
from monitor.doctor.room import room
from monitor.doctor.sources import source_failed, source_read
from monitor.doctor.times import clock, drift

__all__ = [
    "clock",
    "configuration_file",
    "drift",
    "mail_steps",
    "mend",
    "names",
    "permissions",
    "room",
    "secret_file",
    "source_failed",
    "source_read",
]
