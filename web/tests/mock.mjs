// A server with canned answers, for tests of every tab; the server itself is tested in web/e2e.
//
//     const server = await serveMock();   // { url, close() }
//
// The page is that of FOVEA_PAGE_DIST, or web/dist.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { mockNetwork } from './mock_network.mjs';
import { DATA, mockTraining, MODELS, OPTIONS } from './mock_training.mjs';
import { explain, tour } from './mock_walks.mjs';

const DIST = process.env.FOVEA_PAGE_DIST ?? new URL('../dist', import.meta.url).pathname;
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
  + "connect-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; "
  + "frame-ancestors 'none'";
const STEP_MS = 25;
// A model whose data nobody knows, and the one that learns.
const UNKNOWN = { ...MODELS[2], id: 'zoo:resnet18', title: 'residual blocks', data: '', classes: [] };
const LEARNS = { ...MODELS[0], id: 'training', title: 'exp9', kind: 'training' };

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function serveMock() {
  const listeners = new Set();
  const publish = (name, value) => listeners.forEach((response) =>
    response.write(`event: ${name}\ndata: ${JSON.stringify(value)}\n\n`));
  const training = mockTraining({ publish, stepMs: STEP_MS });
  const network = mockNetwork(() => training.status().step?.step ?? 0);
  const models = () => [...MODELS, UNKNOWN, ...(training.status().state === 'idle' ? [] : [LEARNS])];
  const state = () => ({ version: '0', cpu: 'mock', threads: 2, project: 'runs/train', data: DATA,
    zoo: ['fashion-cnn', 'fashion-dnn', 'lenet5', 'resnet18'], training: training.status(),
    options: OPTIONS });
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://mock');
    response.setHeader('Content-Security-Policy', CSP);
    const send = (status, type, body) => {
      response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
      response.end(body);
    };
    const json = (value, status = 200) => send(status, 'application/json', JSON.stringify(value));
    const file = pathname === '/' ? 'index.html' : pathname.slice(1);
    if (/^[\w.]+$/.test(file) && TYPES[extname(file)])
      return send(200, TYPES[extname(file)], readFileSync(join(DIST, file)));
    if (pathname === '/api/events') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write('retry: 1000\n\n');
      listeners.add(response);
      return request.on('close', () => listeners.delete(response));
    }
    if (pathname === '/api/state') return json(state());
    if (pathname === '/api/models') return json(models());
    if (pathname === '/api/tour') return json(tour(searchParams.get('lang')));
    if (pathname === '/api/explain') {
      const { status, json: told } = explain(JSON.parse(searchParams.get('args')));
      return json(told, status);
    }
    const answer = network(request.method, pathname, searchParams) ?? training.answer(request.method, pathname, searchParams, await bodyOf(request));
    if (!answer) return json({ error: 'no such address' }, 404);
    return answer.json === undefined ? send(answer.status, answer.type, answer.bytes)
      : json(answer.json, answer.status);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      training.close();
      server.closeAllConnections();
      server.close();
    },
  };
}
