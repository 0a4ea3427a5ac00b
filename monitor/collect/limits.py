"""What one fetch may bring, in code points and entries."""

ENTRIES = 500
FEED_ENTRIES = 1000  # a feed has them all in one answer; what one summary tells (digest.py) is as many
TITLE = 1000
GUID = 2048
AUTHOR = 300
LANGUAGE = 20
TEXT = 65_536
PAGE_TEXT = 262_144  # a page that grows for a week is longer than anything in a feed
