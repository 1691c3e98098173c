"""Who lives where, and what they reach: demand, coverage, catchments, travel times, detours."""
