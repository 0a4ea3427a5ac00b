"""The demo: embedded outlets and a mail server around the real daemon."""
