"""Pages of a workspace's items."""
