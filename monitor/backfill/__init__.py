"""How the past of an outlet is walked, as far as it can be decided without asking anybody: pure."""
