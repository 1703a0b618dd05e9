import Fastify from 'fastify';

import { host } from './host.js';

await host(async ({ corsPolicy }, { routes }, answerOf) => {
  const app = Fastify();
  await app.register(corsPolicy);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => done(null, body));
  const handler = (request, reply) => {
    const { status, headers } = answerOf(request);
    reply.code(status);
    for (const [name, value] of headers) reply.header(name, value);
    reply.send('answered by the service');
  };
  const taken = new Set();
  for (const { host, path, exact } of routes) {
    const bare = path.replace(/\/$/, '');
    const constraints = host === null ? {} : { host };
    for (const url of exact ? [path] : [bare || '/', `${bare}/`, `${bare}/*`]) {
      if (taken.has(`${host} ${url}`)) continue;
      taken.add(`${host} ${url}`);
      app.route({ method: app.supportedMethods, url: url.replaceAll(':', '::'), constraints, handler });
    }
  }
  await app.listen({ port: 0, host: '127.0.0.1', listenTextResolver: () => '' });
  return { port: app.server.address().port, close: () => app.close() };
});
