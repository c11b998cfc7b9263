"""Where HTTP meets the house: what each of our servers asks of a request, and how the fleet's is asked."""
