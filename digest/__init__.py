"""What the day's papers say. Knows no chat platform."""
