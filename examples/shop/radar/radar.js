// A worker that finds its peers by broadcast: each calls once a second, and says whom it heard for the first time.
const { createSocket } = require('node:dgram');

const PORT = 4200;
const me = process.env.DYNO;
const heard = new Set();
const socket = createSocket({ type: 'udp4', reuseAddr: true });

socket.on('message', (message, { address }) => {
  const peer = message.toString();
  if (peer === me || heard.has(peer)) return;
  heard.add(peer);
  console.log(`${me} hears ${peer} at ${address}`);
});

socket.bind(PORT, () => {
  socket.setBroadcast(true);
  setInterval(
    () => socket.send(me, PORT, '255.255.255.255', (error) => error && console.log(String(error))),
    1000,
  );
});

process.on('SIGTERM', () => process.exit(0));
