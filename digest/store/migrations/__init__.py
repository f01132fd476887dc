"""What changed in the tables, in order; append-only, and part of the wheel."""
