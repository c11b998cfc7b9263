"""One module per subject: words of the command line to calls of the rooms."""
