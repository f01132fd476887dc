"""Who hears of the day's papers, and how."""
