"""The time that a CORS middleware adds to an app, in this process, with no server around it."""
