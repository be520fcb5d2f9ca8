// An Akkeris installation with a space and three apps, and a list of as many spaces as it is told; says where it listens.
import { createServer } from 'node:http';

const [count = '1'] = process.argv.slice(2);
const at = '2026-11-22T19:19:28.089Z';
const region = { id: 'f5f1d4d9-aa4a-12aa-bec3-d44af53b59e3', name: 'us-seattle' };
const stack = { id: 'ffa8cf57-768e-5214-82fe-fda3f19353f3', name: 'maru' };

function space(number) {
  const id = `5e6ab447-b1a3-44c2-8d17-${String(number).padStart(12, '0')}`;
  const name = number === 0 ? 'demo' : `demo${number}`;
  const times = { created_at: at, updated_at: at };
  return { compliance: ['socs', 'prod'], id, name, region, stack, state: 'allocated', apps: '3', ...times };
}

const demo = space(0);
const apps = ['web', 'worker', 'database'].map((simple_name, number) => ({
  id: `ffc66329-4786-40db-80dd-${String(number).padStart(12, '0')}`,
  name: `${simple_name}-demo`,
  simple_name,
  description: '',
  labels: '',
  maintenance: false,
  organization: { id: '0b26ccb5-83cc-4d33-a01f-100c383e0065', name: 'test' },
  region,
  stack,
  space: { id: demo.id, name: 'demo', compliance: 'compliance=socs,compliance=prod' },
  created_at: at,
  updated_at: at,
  web_url: `https://${simple_name}-demo.maru.example.test`,
}));
const answers = new Map(
  Object.entries({
    '/spaces': Array.from({ length: Number(count) }, (_, number) => space(number)),
    '/spaces/demo': demo,
    [`/spaces/${demo.id}`]: demo,
    '/apps': apps,
  }).map(([path, value]) => [path, JSON.stringify(value)]),
);

const server = createServer(({ url }, response) => {
  const body = answers.get(url);
  response.writeHead(body === undefined ? 404 : 200, body && { 'content-type': 'application/json' });
  response.end(body);
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}`, bytes: answers.get('/spaces').length }));
});
