"""What benchmarks share: running a program and measuring it, making input, printing a table."""
