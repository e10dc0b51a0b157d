"""Review: people decide on marks, comment on them, approve what is shared."""
