// Serves every app in a folder, each on a port of its own, and prints the ports by name. An app is
// a CommonJS module that exports an Express or Koa app, or a promise of a Fastify instance.
'use strict';

const { createServer } = require('node:http');
const { readdirSync } = require('node:fs');
const { join } = require('node:path');

async function listener(exported) {
  const app = await exported;
  if (typeof app === 'function' && app.length <= 2) {
    return app;
  }
  if (typeof app.callback === 'function') {
    app.silent = true;
    return app.callback();
  }
  if (typeof app.ready === 'function') {
    await app.ready();
    return (request, response) => app.routing(request, response);
  }
  app.set('env', 'test'); // errors are expected here, and not worth printing
  return app;
}

async function main(folder) {
  const ports = {};
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.js'))) {
    const handler = await listener(require(join(folder, file)));
    const server = createServer(handler);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports[file.slice(0, -3)] = server.address().port;
  }
  console.log(JSON.stringify(ports));
}

main(process.argv[2]);
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
