"""The command line, read and checked, and the table of a grid's jobs."""
