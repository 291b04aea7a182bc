"""Where web frameworks meet the client: middleware that sets the context of each request."""
