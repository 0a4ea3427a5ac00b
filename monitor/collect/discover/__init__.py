"""Finding the feeds, sitemaps and language editions of an outlet from one of its addresses."""
