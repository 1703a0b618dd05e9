import Fastify from 'fastify';

import { host, takes } from './host.js';

await host(async ({ corsPolicy }, { routes }, answerOf) => {
  const app = Fastify();
  await app.register(corsPolicy);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => done(null, body));
  const handler = (request, reply) => {
    const path = request.url.split('?', 1)[0];
    if (!takes(routes, request.hostname, path)) return reply.callNotFound();
    const { status, headers } = answerOf(request);
    reply.code(status);
    for (const [name, value] of headers) reply.header(name, value);
    return reply.send('answered by the service');
  };
  const paths = routes.flatMap(({ path, exact }) => {
    const bare = path.replace(/\/$/, '');
    return exact ? [path] : [bare || '/', `${bare}/`, `${bare}/*`];
  });
  for (const path of new Set(paths)) {
    app.route({ method: app.supportedMethods, url: path.replaceAll(':', '::'), handler });
  }
  await app.listen({ port: 0, host: '127.0.0.1', listenTextResolver: () => '' });
  return { port: app.server.address().port, close: () => app.close() };
});
