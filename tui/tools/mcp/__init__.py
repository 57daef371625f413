"""MCP servers: programs and services that offer tools over the Model Context Protocol."""
