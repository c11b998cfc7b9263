"""Ways in without a face, the fleet's side: lane lists and PINs for the gates, and the usher's admit."""
