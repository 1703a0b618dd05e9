// A gateway as its guides have it: express, cors, http-proxy-middleware.
const http = require("node:http");
const cors = require("cors");
const express = require("express");
const { createProxyMiddleware } = require("http-proxy-middleware");

const [port, service, settings] = process.argv.slice(2);
const app = express();
app.use(cors(JSON.parse(settings)));
app.use(
  createProxyMiddleware({
    target: `http://127.0.0.1:${service}`,
    agent: new http.Agent({ keepAlive: true }),
  }),
);
app.listen(Number(port), "127.0.0.1");
