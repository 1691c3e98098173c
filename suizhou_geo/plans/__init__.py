"""Plans as data: every quantified promise of a document, with its clause and its words, in TOML planners can read."""
