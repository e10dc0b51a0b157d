"""The record: who did what to which thing, and when; appended only, each row bound to the last."""
