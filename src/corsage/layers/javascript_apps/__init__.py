"""Reads JavaScript and TypeScript: Express, Fastify, Koa, Nest, and headers written by hand."""
