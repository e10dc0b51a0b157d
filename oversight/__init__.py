"""What happened in a workspace: its record, and the week in figures."""
