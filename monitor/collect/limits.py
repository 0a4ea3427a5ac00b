"""What one fetch may bring, in code points and entries."""

ENTRIES = 500
TITLE = 1000
GUID = 2048
AUTHOR = 300
TEXT = 65_536
PAGE_TEXT = 262_144  # a page that grows for a week is longer than anything in a feed
