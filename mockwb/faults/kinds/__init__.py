"""One file per kind of fault, and `registry`, which lists them."""
