"""The way out to outlets. Parse workers import this package, so it imports nothing by itself."""
