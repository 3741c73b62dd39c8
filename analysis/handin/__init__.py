"""What is handed in and taken back: documents for a journal, and sheets for the teams."""
