// XState's side of the core's benchmark: prints {"step": {name: per second}, "compile": {…}}.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../tests/conformance/xstate/', import.meta.url));
const { createMachine, initialTransition, transition } = require('xstate');
const { machines, seconds, slice } = JSON.parse(readFileSync(0, 'utf8'));

// The best of many short slices: what else the machine does disturbs that least.
function rate(work) {
  let best = 0;
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const start = performance.now();
    let count = 0;
    let spent = 0;
    while (spent < slice) {
      count += work();
      spent = performance.now() - start;
    }
    best = Math.max(best, (count / spent) * 1000);
  }
  return best;
}

const step = {};
const compile = {};
for (const [name, { definition, events }] of Object.entries(machines)) {
  compile[name] = rate(() => {
    createMachine(definition);
    return 1;
  });
  const machine = createMachine(definition);
  const objects = events.map((type) => ({ type }));
  step[name] = rate(() => {
    let [snapshot] = initialTransition(machine);
    for (const event of objects) [snapshot] = transition(machine, snapshot, event);
    return objects.length;
  });
}
process.stdout.write(JSON.stringify({ step, compile }));
