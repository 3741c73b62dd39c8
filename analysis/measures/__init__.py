"""The measures: frames in, frames out. Nothing here reads or writes a file."""
