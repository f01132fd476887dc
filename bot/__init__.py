"""Who hears of the day's papers, and how."""

__version__ = "0.1.0"
