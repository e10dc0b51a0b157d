"""Pages of a workspace's record, and of its week."""
