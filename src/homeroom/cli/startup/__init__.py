"""What every command needs before its own work: the options of the program, the databases, and how a process ended."""
