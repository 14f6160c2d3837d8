"""The command line, read and checked, one job, and the table of a grid's jobs."""
