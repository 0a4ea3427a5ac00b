"""The stages: each takes work from the store's rows and leaves its result there."""
