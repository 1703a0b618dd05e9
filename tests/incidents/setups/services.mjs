// The services in Node.js: one for each name; the ports are the one argument, as JSON.
import cors from 'cors';
import express from 'express';
import Fastify from 'fastify';

const ports = JSON.parse(process.argv[2]);
const APP = 'https://app.example';

function app(configure) {
  const made = express();
  made.set('env', 'test'); // errors are expected here, and not worth printing
  configure(made);
  return (port) => new Promise((done) => made.listen(port, '127.0.0.1', done));
}

const services = {
  // Errors that are raised outside the router with the policy never pass it.
  'en-cors-126': app((made) => {
    made.use('/orders', (req, res, next) => {
      next(req.method === 'OPTIONS' ? undefined : new Error('no database'));
    });
    made.use('/', express.Router().use(cors({ origin: APP })));
  }),
  // The transport of a library writes headers of its own.
  socketio: app((made) => {
    made.use((req, res) => {
      res.set('Access-Control-Allow-Origin', 'http://website.example').send('0{"sid":"x"}');
    });
  }),
  'open-to-all': app((made) => made.use(cors(), (req, res) => res.send('for everybody'))),
  // The token is asked for before the policy is reached.
  'pa-kdeps-468': app((made) => {
    made.use((req, res, next) => (req.get('authorization') ? next() : res.sendStatus(401)));
    made.use(cors({ origin: APP }), (req, res) => res.send('for you'));
  }),
  'mn-localstack-3965': app((made) => {
    const methods = ['HEAD', 'GET', 'PUT', 'POST', 'DELETE', 'OPTIONS'];
    made.use(cors({ origin: '*', methods }), (req, res) => res.send('emulated'));
  }),
  'mn-mulesoft-272': app((made) => {
    made.use(cors({ origin: APP, methods: ['PATCH'] }), (req, res) => res.send('patched'));
  }),
  'replica-new': app((made) => made.use(cors({ origin: [APP] }), (req, res) => res.send('new'))),
  'replica-old': app((made) => {
    made.use(cors({ origin: ['https://old.example'] }), (req, res) => res.send('old'));
  }),
  // The stream is written past the hooks that add the headers.
  'st-lodestar-2712': async (port) => {
    const made = Fastify();
    made.addHook('onRequest', async (request, reply) => {
      reply.header('access-control-allow-origin', APP);
    });
    made.get('/', async () => 'fine');
    made.get('/events', (request, reply) => {
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
      reply.raw.write('data: 1\n\n');
    });
    await made.listen({ port, host: '127.0.0.1', listenTextResolver: () => '' });
  },
};

for (const [name, listen] of Object.entries(services)) await listen(ports[name]);
console.log('ready');
