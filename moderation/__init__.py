"""Reports on public pages, take-down, and what an administrator sees of the server."""
