"""How a person chooses with keys, whether the ballot is open or secret: pure machines, one a form. None of
them loses what was chosen without saying so, none lets through what the ballot does not allow."""
