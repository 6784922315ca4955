"""The drivers of the benchmarks. Every server listens on 127.0.0.1, has its files in a temporary folder, and is ended
by its process id."""
