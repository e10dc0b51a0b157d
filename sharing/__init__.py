"""Items that people share: a public address, a private link, an owner, an end."""
