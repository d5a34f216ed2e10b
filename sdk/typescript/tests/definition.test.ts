/** XState machines as definitions: carried whole, run alike, and what is left out is said. */
import { NotConvertibleError, toDefinition } from '@statekeep/sdk';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  and,
  assign,
  createMachine,
  enqueueActions,
  fromPromise,
  initialTransition,
  not,
  raise,
  setup,
  transition,
  type AnyStateMachine,
} from 'xstate';
import { client, prefix } from './server.js';

const log = (): void => {};

const claim = setup({
  types: { context: {} as { count: number }, events: {} as { type: 'FILE' | 'CHECK' | 'DECIDE' | 'REOPEN' | 'NOTE' } },
  actions: { notify: log, record: (_, _params: { to: string }) => {} },
  guards: { isComplete: () => true, isSmall: () => false },
  actors: { fetchPolicy: fromPromise(async () => 1) },
  delays: { patience: 1000 },
}).createMachine({
  id: 'claim',
  context: ({ spawn }) => ({ count: typeof spawn === 'function' ? 0 : 1 }),
  initial: 'open',
  description: 'a claim',
  states: {
    open: {
      entry: ['notify', { type: 'record', params: { to: 'ledger' } }, assign({ count: 1 })],
      on: {
        FILE: { target: 'work', guard: 'isComplete', actions: () => {} },
        NOTE: undefined,
      },
      after: { patience: 'open', 5000: { target: 'done', guard: not('isSmall') } },
    },
    work: {
      type: 'parallel',
      states: {
        policy: {
          initial: 'asked',
          invoke: { src: 'fetchPolicy', id: 'policy', onDone: '.known', input: () => 1 },
          states: { asked: { on: { CHECK: 'known' } }, known: { type: 'final' } },
        },
        damage: {
          initial: 'unseen',
          states: {
            unseen: { on: { CHECK: [{ guard: and(['isComplete', not('isSmall')]), target: 'seen' }] } },
            seen: { on: { DECIDE: '#claim.done' } },
            was: { type: 'history', target: 'unseen' },
          },
        },
      },
      on: { NOTE: { actions: raise({ type: 'CHECK' }) }, REOPEN: '.damage.was' },
      onDone: 'done',
    },
    done: { type: 'final', tags: ['closed'], meta: { who: 'anyone' }, output: ({ context }) => context.count },
  },
});

test('a machine of setup becomes JSON, in its order, with its names', () => {
  const { definition } = toDefinition(claim);
  assert.deepEqual(definition, JSON.parse(JSON.stringify(definition)));
  assert.deepEqual(definition, {
    id: 'claim',
    initial: 'open',
    description: 'a claim',
    states: {
      open: {
        entry: ['notify', { type: 'record', params: { to: 'ledger' } }, { type: 'xstate.assign' }],
        on: { FILE: { target: 'work', guard: 'isComplete', actions: 'inline' }, NOTE: {} },
        after: {
          5000: { target: 'done', guard: { type: 'composite', params: { guards: ['isSmall'] } } },
          patience: 'open',
        },
      },
      work: {
        type: 'parallel',
        states: {
          policy: {
            initial: 'asked',
            invoke: { src: 'fetchPolicy', id: 'policy', onDone: '.known' },
            states: { asked: { on: { CHECK: 'known' } }, known: { type: 'final' } },
          },
          damage: {
            initial: 'unseen',
            states: {
              unseen: {
                on: {
                  CHECK: [
                    {
                      guard: {
                        type: 'composite',
                        params: { guards: ['isComplete', { type: 'composite', params: { guards: ['isSmall'] } }] },
                      },
                      target: 'seen',
                    },
                  ],
                },
              },
              seen: { on: { DECIDE: '#claim.done' } },
              was: { type: 'history', target: 'unseen' },
            },
          },
        },
        on: { NOTE: { actions: { type: 'xstate.raise' } }, REOPEN: '.damage.was' },
        onDone: 'done',
      },
      done: { type: 'final', tags: ['closed'], meta: { who: 'anyone' } },
    },
  });
});

test('what is left out or cannot act is listed by its place', () => {
  assert.deepEqual(
    toDefinition(claim).warnings.map(({ code, pointer }) => [code, pointer]),
    [
      ['NotCarried', '/context'],
      ['FunctionNotCarried', '/states/open/on/FILE/actions'],
      ['NotCarried', '/states/work/states/policy/invoke/input'],
      ['RaiseIgnored', '/states/work/on/NOTE/actions'],
      ['NotCarried', '/states/done/output'],
    ],
  );
});

test('these warnings stand in the answer, with those of the server', async () => {
  const id = prefix();
  const preview = await client().preview(id, claim);
  const done = await client().deploy(id, claim);
  for (const { warnings } of [preview, done]) {
    const found = warnings.map(({ code, pointer }) => `${code} ${pointer}`);
    assert.ok(found.includes('FunctionNotCarried /states/open/on/FILE/actions'));
    assert.ok(found.includes('ActionsIgnored /states/open/entry'));
    assert.ok(found.includes('GuardNotEvaluated /states/open/on/FILE'));
  }
  assert.equal((await client().deploy(id, claim)).unchanged, true);
});

test('a function is carried by its type and never by its name, which a minifier changes', () => {
  const machine = (action: () => void) => createMachine({ entry: action, invoke: { src: fromPromise(async () => 1) } });
  const written = toDefinition(machine(function before() {})).definition;
  assert.deepEqual(written, toDefinition(machine(function after() {})).definition);
  assert.deepEqual(written, { entry: 'inline', invoke: { src: 'inline' } });
  const enqueued = toDefinition(createMachine({ entry: enqueueActions(() => {}) }));
  assert.deepEqual(enqueued.definition, { entry: { type: 'xstate.enqueueActions' } });
  assert.deepEqual(
    enqueued.warnings.map(({ code }) => code),
    ['RaiseIgnored'],
  );
});

test('what decides where an event leads is carried whole, or refused with every reason', () => {
  const loop: Record<string, unknown> = { on: {} };
  loop['states'] = { again: loop };
  const broken = {
    initial: () => 'a',
    states: { a: { on: { GO: { target: Symbol('b') } }, tags: new Set(['x']) }, b: loop, c: () => ({}) },
  };
  assert.throws(
    () => toDefinition(broken),
    (error: NotConvertibleError) => {
      assert.deepEqual(
        error.errors.map(({ code, pointer }) => [code, pointer]),
        [
          ['NotJson', '/initial'],
          ['NotJson', '/states/a/on/GO/target'],
          ['NotJson', '/states/a/tags'],
          ['Circular', '/states/b/states/again'],
          ['NotJson', '/states/c'],
        ],
      );
      return error instanceof NotConvertibleError && error.code === 'NotConvertible';
    },
  );
});

test('a plain object is a definition as it is, with what a server will say about it', async () => {
  const plain = { initial: 'a', intial: 'b', states: { a: { on: { GO: null, STAY: '' } } } };
  assert.deepEqual(toDefinition(plain), { definition: plain, warnings: [] });
  await assert.rejects(client().deploy(prefix(), plain), {
    code: 'InvalidDefinition',
    message: /did you mean `initial`/,
  });
});

test('a key that JavaScript treats in a way of its own is a key', () => {
  const machine = JSON.parse('{"initial": "__proto__", "states": {"__proto__": {}, "constructor": {}}}') as object;
  assert.equal(JSON.stringify(toDefinition(machine).definition), JSON.stringify(machine));
});

test('four hundred machines come out of XState as they went in, character for character', () => {
  const golden = new URL('../../../../tests/golden/core/xstate.jsonl', import.meta.url);
  const cases = readFileSync(golden, 'utf8').trim().split('\n');
  let made = 0;
  for (const line of cases) {
    const { definition } = JSON.parse(line) as { definition: object };
    const text = JSON.stringify(definition);
    assert.equal(JSON.stringify(toDefinition(definition).definition), text);
    let machine: AnyStateMachine;
    try {
      machine = createMachine(definition);
    } catch {
      continue; // XState refuses it, and so does the server
    }
    made += 1;
    assert.deepEqual([JSON.stringify(toDefinition(machine).definition), toDefinition(machine).warnings], [text, []]);
  }
  assert.ok(made > 350, `${made} of ${cases.length}`);
});

/** Two regions want the same event, and the one that is written first wins. */
const ordered = (first: 'left' | 'right') => {
  const left = { initial: 'a', states: { a: { on: { GO: '#m.byLeft' } } } };
  const right = { initial: 'a', states: { a: { on: { GO: '#m.byRight' } } } };
  const regions = first === 'left' ? { left, right } : { right, left };
  return createMachine({
    id: 'm',
    initial: 'p',
    states: { p: { type: 'parallel', states: regions }, byLeft: {}, byRight: {} },
  });
};

const nested = createMachine({
  id: 'n',
  initial: 'in',
  states: {
    in: {
      initial: 'one',
      states: {
        one: { on: { NEXT: 'two', SKIP: undefined } },
        two: { always: 'three' },
        three: {},
        h: { type: 'history' },
      },
      on: { OUT: 'out', SKIP: 'out', '*': { actions: log } },
    },
    out: { on: { BACK: 'in.h', END: 'end' } },
    end: { type: 'final' },
  },
});

const walks: Array<[string, AnyStateMachine, string[]]> = [
  ['left first', ordered('left'), ['GO']],
  ['right first', ordered('right'), ['GO']],
  ['history and forbidden events', nested, ['SKIP', 'NEXT', 'ANY', 'OUT', 'NEXT', 'BACK', 'OUT', 'END', 'BACK']],
];

for (const [name, machine, events] of walks) {
  test(`the server walks as XState does: ${name}`, async () => {
    const id = prefix();
    await client().deploy(id, machine);
    const actor = await client().spawnActor(id);
    let [snapshot] = initialTransition(machine);
    assert.deepEqual(actor.stateValue, snapshot.value);
    for (const type of events) {
      const can = snapshot.can({ type });
      const sent = await client().send(actor.actorId, type);
      [snapshot] = snapshot.status === 'active' ? transition(machine, snapshot, { type }) : [snapshot];
      assert.deepEqual([sent.stateValue, sent.status, sent.accepted], [snapshot.value, snapshot.status, can], type);
    }
  });
}
