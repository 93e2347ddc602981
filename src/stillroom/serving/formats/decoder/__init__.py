"""Decoding of Arrow IPC and Parquet, in a process of its own, whose memory is bounded.

Arrow's reader ends its process on some bodies that lie (a panic behind its C interface) and takes what memory a body
announces; neither must be the service's. This package imports neither the model nor its runtime, so that the process
starts quickly and stays small; but for `ask`, which large requests in text need and nothing else imports.
"""
