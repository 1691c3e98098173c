"""Where to build (选址): which of the sites that could be built bring a coverage furthest, or to its target with the fewest."""
