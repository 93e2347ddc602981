"""The kinds of teacher: one file each, and `kinds`, which knows them all."""
