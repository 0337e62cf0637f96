"""The rules of the work in pure Python: no framework, no database, no clock of their own."""
