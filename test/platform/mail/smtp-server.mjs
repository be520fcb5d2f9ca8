// A mail server in a process of its own: `OPTIONS` in JSON. It says in a line of JSON each where it listens and which
// mails it took, and changes how it behaves when it is told so on standard input, in a line of JSON.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { SMTPServer } from 'smtp-server';

const { key, cert, secure = false, tls = true, user, password, ...first } = JSON.parse(process.argv[2]);

/**
 * `hang` greets nobody; `data` is what is answered to a mail; `refuse` are recipients with what is answered to each;
 * `die` is when the process ends: at the first bytes of a mail (`begun`), or when it has the whole (`read`).
 */
let behaviour = first;
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const failure = (text) => Object.assign(new Error(text.slice(4)), { responseCode: Number(text.slice(0, 3)) });

const server = new SMTPServer({
  key,
  cert,
  secure,
  authOptional: user === undefined,
  allowInsecureAuth: !tls,
  disabledCommands: tls ? [] : ['STARTTLS'],
  logger: false,
  onConnect(session, next) {
    say({ connected: session.id });
    if (behaviour.hang !== true) next();
  },
  onAuth(auth, session, next) {
    say({ auth: auth.username, secure: session.secure });
    if (auth.username === user && auth.password === password) return next(null, { user });
    next(failure(behaviour.auth ?? '535 no'));
  },
  onRcptTo({ address }, _, next) {
    const refused = behaviour.refuse?.[address];
    next(refused === undefined ? null : failure(refused));
  },
  async onData(stream, session, next) {
    const chunks = [];
    stream.on('data', (chunk) => {
      if (behaviour.die === 'begun') process.exit(1);
      chunks.push(chunk);
    });
    await once(stream, 'end');
    const to = session.envelope.rcptTo.map(({ address }) => address);
    const mail = {
      from: session.envelope.mailFrom.address,
      to,
      secure: session.secure,
      source: Buffer.concat(chunks).toString(),
    };
    if (behaviour.die === 'read') {
      process.stdout.write(`${JSON.stringify({ mail })}\n`, () => process.exit(1));
      return;
    }
    if (behaviour.data !== undefined) return next(failure(behaviour.data));
    say({ mail });
    next(null, `250 taken as ${session.id}`);
  },
});
server.on('error', () => {
  // A client that goes away in the middle is no surprise here.
});
createInterface({ input: process.stdin })
  .on('line', (line) => {
    behaviour = JSON.parse(line);
    say({ behaviour });
  })
  .on('close', () => process.exit(0));
const listening = server.listen(first.port ?? 0, '127.0.0.1');
await once(listening, 'listening');
say({ port: listening.address().port });
