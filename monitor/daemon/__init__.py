"""The service that runs for months: wakes the stages, ends cleanly, shows what it does."""

from monitor.daemon.lock import hold_lock, running_pid
from monitor.daemon.run import run_daemon
from monitor.daemon.service import Daemon

__all__ = ["Daemon", "hold_lock", "run_daemon", "running_pid"]
