// The parent's side of every Node.js engine: reads what to load, a line of JSON each, and answers
// with the port. `serve` gets the order and resolves to {port, close}.
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

export async function host(serve) {
  let running;
  for await (const line of createInterface({ input: process.stdin })) {
    const order = JSON.parse(line);
    if (order.close) {
      await running.close();
      console.log('{}');
      continue;
    }
    const module = await import(pathToFileURL(order.module));
    running = await serve(module, order, (request) => {
      appendFileSync(order.seen, '.');
      return answerOf(request, order.answers);
    });
    console.log(JSON.stringify({ port: running.port }));
  }
}

// Whether any of the routes takes a path on a host: frameworks differ in how they know hosts.
export function takes(routes, hostname, path) {
  return routes.some(
    (route) =>
      (route.host === null || route.host === hostname) &&
      (route.exact
        ? route.path === path
        : `${path}/`.startsWith(`${route.path.replace(/\/$/, '')}/`)),
  );
}

function answerOf(request, answers) {
  const name = new URL(request.url, 'http://service').searchParams.get('answer') ?? 'open';
  if (name === 'crash') throw new Error('a handler that fails');
  return { name, ...answers[name] };
}
