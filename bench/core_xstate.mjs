// XState's side of the core's benchmark: prints {"step": {name: per second}, "compile": {…}}.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../tests/conformance/xstate/', import.meta.url));
const { createMachine, initialTransition, transition } = require('xstate');
const { machines, seconds } = JSON.parse(readFileSync(0, 'utf8'));

function rate(work) {
  const until = (ms) => {
    const start = process.hrtime.bigint();
    let count = 0;
    let spent = 0;
    while (spent < ms) {
      count += work();
      spent = Number(process.hrtime.bigint() - start) / 1e6;
    }
    return (count / spent) * 1000;
  };
  until(100);
  return until(seconds * 1000);
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
