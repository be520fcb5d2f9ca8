import { attemptAll } from './attempts.js';
import { listen } from './listen.js';
import type { Said, Task } from './task.js';

const say = (said: Said): void => {
  process.stdout.write(`${JSON.stringify(said)}\n`);
};

const task = JSON.parse(process.argv[1] ?? '') as Task;
if (task.do === 'listen') {
  process.stdin.resume().on('end', () => process.exit());
  listen(task.port, say);
} else {
  void attemptAll(task.attempts, process.env).then((outcomes) => say({ said: 'outcomes', outcomes }));
}
