"""Ways to reach people. A channel has a name, limits, and sends pages."""
