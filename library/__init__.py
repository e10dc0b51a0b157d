"""A workspace's items as one list: folders, tags, search, trash."""
