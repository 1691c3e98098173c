"""Streets: which count, their graph, carriageways, centrelines, dead ends and missing links."""
