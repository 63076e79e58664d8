"""Plain Python with I/O: the program interpreter and its sandbox processes."""
