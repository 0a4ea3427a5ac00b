"""News monitoring: collect coverage, match rules, send alerts."""
