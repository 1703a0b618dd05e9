import express from 'express';

import { host } from './host.js';

await host(async ({ corsPolicy }, { routes }, answerOf) => {
  const app = express();
  app.set('env', 'test'); // errors are expected here, and not worth printing
  if (process.env.ROUTING !== 'default') {
    // Paths as in a policy: neither /Health nor /health/ is /health.
    app.enable('case sensitive routing');
    app.enable('strict routing');
  }
  app.use(corsPolicy);
  const handler = (host) => (req, res, next) => {
    if (host && host !== req.hostname) return next();
    const { name, status, headers } = answerOf({ url: req.originalUrl });
    // Headers that are never set, but handed over at the last moment.
    if (name === 'generous') {
      return res.writeHead(status, Object.fromEntries(headers)).end('answered by the service');
    }
    res.status(status);
    for (const [name, value] of headers) res.append(name, value);
    return res.end('answered by the service');
  };
  for (const { host, path, exact } of routes) {
    const literal = path.replace(/[{}()[\]*:?!+\\]/g, '\\$&');
    if (exact) app.all(literal, handler(host));
    else app.use(literal, handler(host));
  }
  const server = await new Promise((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  const close = () => new Promise((resolve) => server.close(resolve));
  return { port: server.address().port, close };
});
