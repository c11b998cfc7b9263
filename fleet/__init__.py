"""The fleet manager: what gathers, keeps and shows what the devices of a hall sign."""
