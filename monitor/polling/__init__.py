"""When a source is polled, what is remembered of it, and how it does: pure."""
