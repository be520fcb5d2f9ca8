// The page of the shop. It asks its sibling `api` for prices in both ways that a space gives it: by its discovery vars,
// straight over the space's network, and by its https domain, through the router.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const { API_SERVICE_HOST, API_SERVICE_PORT, API_URL, PORT, DYNO } = process.env;
const { builtAt } = JSON.parse(readFileSync('built.json', 'utf8'));

async function ask(url) {
  try {
    const { prices, dyno } = await (await fetch(url)).json();
    return `${Object.keys(prices).length} prices from ${dyno}`;
  } catch (error) {
    return `no answer (${error.cause?.code ?? error.message})`;
  }
}

createServer(async (request, response) => {
  const [network, domain] = await Promise.all([
    ask(`http://${API_SERVICE_HOST}:${API_SERVICE_PORT}`),
    API_URL === undefined ? 'API_URL is not set' : ask(API_URL),
  ]);
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.end(
    [
      `The shop, built ${builtAt}, served by ${DYNO}`,
      `over the space's network: ${network}`,
      `by its https domain:      ${domain}`,
      '',
    ].join('\n'),
  );
}).listen(PORT);
