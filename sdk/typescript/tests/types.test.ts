/**
 * What the compiler takes and what it refuses. Nothing here is run against a server: `tsc` is the test, and a line
 * marked `@ts-expect-error` that is no error fails it.
 */
import { createClient, type EventOf, type EventTypeOf } from '@statekeep/sdk';
import { test } from 'node:test';
import { createMachine, setup } from 'xstate';

const client = createClient({ baseUrl: 'http://statekeep.example', apiKey: 'key' });

type Events = { type: 'SUBMIT_INFO' } | { type: 'PAY_FEE'; amount: number };
const states = { a: { on: { SUBMIT_INFO: 'b' } }, b: { on: { PAY_FEE: 'a' } } } as const;
const bySetup = setup({ types: { events: {} as Events } }).createMachine({ initial: 'a', states });
const byTypes = createMachine({ types: {} as { events: Events }, initial: 'a', states });
const untyped = createMachine({ initial: 'a', states });
const literal = { initial: 'a', states, on: { '*': 'a' } } as const;
const named = { initial: 'a', states } as const;
const prefixed = { on: { 'order.*': 'a' }, states: { a: {} } } as const;

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function holds<_Claim extends true>(): void {}

holds<Same<EventTypeOf<typeof bySetup>, 'SUBMIT_INFO' | 'PAY_FEE'>>();
holds<Same<EventTypeOf<typeof byTypes>, 'SUBMIT_INFO' | 'PAY_FEE'>>();
holds<Same<EventTypeOf<typeof named>, 'SUBMIT_INFO' | 'PAY_FEE'>>();
holds<Same<EventTypeOf<typeof prefixed>, 'order' | `order.${string}`>>();
holds<Same<EventTypeOf<typeof untyped>, string>>();
holds<Same<EventTypeOf<typeof literal>, string>>();
holds<Same<EventTypeOf<Events>, 'SUBMIT_INFO' | 'PAY_FEE'>>();
holds<Same<EventTypeOf<unknown>, string>>();
holds<Same<EventOf<typeof bySetup>, Events>>();

export async function theRightEvents(): Promise<void> {
  await client.actor<typeof bySetup>('id').send('SUBMIT_INFO');
  await client.actor<typeof bySetup>('id').send({ type: 'PAY_FEE', amount: 3 });
  await client.actor<typeof byTypes>('id').send({ type: 'SUBMIT_INFO' });
  await client.actor<typeof named>('id').send('PAY_FEE', { context: { paid: true } });
  await client.actor<typeof prefixed>('id').send('order.placed');
  await client.actor<typeof untyped>('id').send('ANYTHING');
  await client.actor('id').send({ type: 'ANYTHING', of: 'any kind' });
  await client.send<typeof bySetup>('id', 'PAY_FEE', { data: { amount: 3 } });
  await client.send<Events>('id', 'PAY_FEE');
  await client.send('id', 'ANYTHING', { context: { a: null }, ifMatch: '"1"', idempotencyKey: 'k' });
}

export async function theWrongEvents(): Promise<void> {
  // @ts-expect-error no such event in setup's types
  await client.actor<typeof bySetup>('id').send('SUBMIT');
  // @ts-expect-error no such event in setup's types
  await client.actor<typeof bySetup>('id').send({ type: 'SUBMIT' });
  // @ts-expect-error the event's own member is missing
  await client.actor<typeof bySetup>('id').send({ type: 'PAY_FEE' });
  // @ts-expect-error the event's own member has another type
  await client.actor<typeof bySetup>('id').send({ type: 'PAY_FEE', amount: 'much' });
  // @ts-expect-error no such event in createMachine's types
  await client.actor<typeof byTypes>('id').send('SUBMIT');
  // @ts-expect-error no such key in the definition
  await client.actor<typeof named>('id').send('SUBMIT');
  // @ts-expect-error not of this prefix
  await client.actor<typeof prefixed>('id').send('orders.placed');
  // @ts-expect-error no such event, by the generic of send
  await client.send<typeof bySetup>('id', 'SUBMIT');
  // @ts-expect-error an event has a type
  await client.send('id', { kind: 'SUBMIT' });
}

export async function theOptions(): Promise<void> {
  const options = { parentId: 'a', historyPath: ['SUBMIT_INFO'], stateMapping: { a: ['b', 'c'], d: 'e' } } as const;
  await client.deploy('b', bySetup, { ...options, maxStranded: '5%', whileStranded: 'Buffer', landing: 'Same' });
  await client.deploy('b', '{"initial": "a"}', { signal: AbortSignal.timeout(5), guards: 'Deny', journal: 'Full' });
  await client.preview('b', literal, { migrations: [{ from: 'a', rescues: false }], limit: 5 });
  // @ts-expect-error a typo is never silent
  await client.deploy('b', bySetup, { parentID: 'a' });
  // @ts-expect-error none of the landings
  await client.deploy('b', bySetup, { landing: 'Somewhere' });
  // @ts-expect-error a definition is an object or text
  await client.deploy('b', 7);
  // @ts-expect-error the base URL is needed
  createClient({ apiKey: 'key' });
}

export async function theAnswers(): Promise<void> {
  interface Loan {
    amount: number;
  }
  const id: string = await client.spawn('loan-v1', { amount: 3 } satisfies Loan);
  const loan = await client.get<Loan>(id);
  const amount: number | undefined = loan.context?.amount;
  const preview = await client.preview('b', untyped);
  const count: number = preview.migration.wouldMigrate.length;
  const sent = await client.send(id, 'A');
  const over: string | null | undefined = sent.via[0]?.changePoint;
  for await (const actor of client.actors({ status: 'needs_rescue' })) {
    const reason: string | null = actor.reason;
    void reason;
  }
  // @ts-expect-error none of the statuses
  client.actors({ status: 'stranded' });
  // @ts-expect-error answers are not written to
  sent.accepted = true;
  void [amount, count, over];
}

test('the compiler has taken and refused what it should', () => {});
