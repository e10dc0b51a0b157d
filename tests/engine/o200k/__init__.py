"""The vocabulary of OpenAI Privacy Filter, o200k_base, for tests without the hub."""
