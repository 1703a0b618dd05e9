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

function answerOf(request, answers) {
  const name = new URL(request.url, 'http://service').searchParams.get('answer') ?? 'open';
  if (name === 'crash') throw new Error('a handler that fails');
  return answers[name];
}
