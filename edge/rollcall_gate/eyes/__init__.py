"""A frame -> whoever stands nearest in the lane: found, aligned, judged, embedded, doubted."""
