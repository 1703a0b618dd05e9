"""The browser's side of CORS, from the Fetch standard. Pure, standard library only."""
