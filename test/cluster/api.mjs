import fs from 'node:fs';
import https from 'node:https';

const STRATEGIC = 'application/strategic-merge-patch+json';
const MERGE = 'application/merge-patch+json';

/** The API of a kubeconfig as up.sh writes it: a client of its own, so that a fault of aka's can't hide in the tests. */
export function openApi(kubeconfig) {
  const text = fs.readFileSync(kubeconfig, 'utf8');
  const field = (name) => new RegExp(`${name}: (\\S+)`).exec(text)[1];
  const { hostname, port } = new URL(field('server'));
  const ca = fs.readFileSync(field('certificate-authority'));
  const headers = { authorization: `Bearer ${field('token')}`, accept: 'application/json' };
  const agent = new https.Agent({ keepAlive: true, ca });

  function send(method, path, body, type = 'application/json') {
    const { promise, resolve, reject } = deferred();
    const data = body === undefined ? undefined : JSON.stringify(body);
    const more = data && { 'content-type': type, 'content-length': Buffer.byteLength(data) };
    https
      .request(
        { hostname, port, path, method, agent, headers: { ...headers, ...more } },
        async (response) => {
          let answer = '';
          for await (const chunk of response.setEncoding('utf8')) answer += chunk;
          resolve({ status: response.statusCode, body: parse(answer) });
        },
      )
      .on('error', reject)
      .end(data);
    return promise;
  }

  /** Retries what the server can't do now. */
  async function call(...request) {
    for (let tries = 0; ; tries++) {
      try {
        const answer = await send(...request);
        if (answer.status < 500 && answer.status !== 429) return answer;
        if (tries === 20) throw new Error(answer.body.message);
      } catch (error) {
        if (tries >= 20) throw error;
      }
      await delay(200);
    }
  }

  return {
    get: (path) => call('GET', path),
    create: (path, body) => call('POST', path, body),
    patch: (path, body) => call('PATCH', path, body, STRATEGIC),
    merge: (path, body) => call('PATCH', path, body, MERGE),
    delete: (path, body) => call('DELETE', path, body),
    /** Lists, then watches until the server ends it. */
    async watch(path, { onList, on }) {
      const list = await call('GET', path);
      onList(list.body.items);
      const query = `watch=1&allowWatchBookmarks=true&resourceVersion=${list.body.metadata.resourceVersion}`;
      const { promise, resolve, reject } = deferred();
      https
        .get({ hostname, port, path: `${path}?${query}`, ca, headers }, async (response) => {
          let rest = '';
          for await (const chunk of response.setEncoding('utf8')) {
            const lines = (rest + chunk).split('\n');
            rest = lines.pop();
            for (const { type, object } of lines.map((line) => JSON.parse(line))) {
              if (type === 'ERROR') return resolve();
              on(type, object);
            }
          }
          resolve();
        })
        .on('error', reject);
      await promise;
    },
  };
}

export function delay(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text };
  }
}
