"""A trustee's part in the key ceremony, on disk: their own folder, and the stick that goes round."""
