"""Arrays, coordinate systems, lines and areas: knows no study."""
