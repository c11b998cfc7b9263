"""How pages of the house look on paper: for rooms that print, from what reportlab brings."""
