"""The service that runs for months: wakes the stages, ends cleanly, shows what it does.

Nothing is re-exported: `monitor status` needs the lock alone and must not pay for everything else.
"""
