/** When a call is sent again, after how long, and that it stays one call. */
import { createClient, LimitError, ServerError, type Retries } from '@statekeep/sdk';
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test, type TestContext } from 'node:test';
import { apiKey, failure, listening } from './server.js';

type Scripted = [status: number, headers?: Record<string, string>, code?: string];

interface Seen {
  key: unknown;
  at: number;
}

/** A server that answers as it is told, and then well; what it has seen. */
async function scripted(test: TestContext, answers: Scripted[], retries: Retries = {}) {
  const seen: Seen[] = [];
  const baseUrl = await listening(test, (request: IncomingMessage, response) => {
    seen.push({ key: request.headers['idempotency-key'], at: performance.now() });
    const [status, headers = {}, code = 'Unavailable'] = answers.shift() ?? [200];
    const body = status === 200 ? { actorId: 'a', accepted: true } : { type: 't', title: 'a problem', status, code };
    response.writeHead(status, headers).end(JSON.stringify(body));
  });
  return { client: createClient({ baseUrl, apiKey, retries: { firstWait: 1, ...retries } }), seen };
}

for (const status of [408, 425, 429, 502, 503, 504]) {
  test(`${status} is asked again, with the same key`, async (context) => {
    const { client, seen } = await scripted(context, [[status], [status]]);
    assert.equal((await client.send('a', 'GO')).accepted, true);
    assert.equal(seen.length, 3);
    assert.match(String(seen[0]!.key), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(new Set(seen.map(({ key }) => key)).size, 1);
  });
}

for (const status of [400, 401, 403, 404, 409, 412, 413, 422, 500]) {
  test(`${status} is final`, async (context) => {
    const { client, seen } = await scripted(context, [[status]]);
    await assert.rejects(client.send('a', 'GO'), { status });
    assert.equal(seen.length, 1);
  });
}

test('two calls have two keys', async (context) => {
  const { client, seen } = await scripted(context, []);
  await client.send('a', 'GO');
  await client.send('a', 'GO');
  assert.equal(new Set(seen.map(({ key }) => key)).size, 2);
});

test('what the server asks to wait is waited', async (context) => {
  const { client, seen } = await scripted(context, [[429, { 'retry-after': '0.3' }]]);
  await client.send('a', 'GO');
  assert.ok(seen[1]!.at - seen[0]!.at >= 290, `${seen[1]!.at - seen[0]!.at} ms`);
});

test('longer than twenty seconds nobody waits, and the caller hears how long', async (context) => {
  const { client, seen } = await scripted(context, [[429, { 'retry-after': '3600' }, 'RateLimited']]);
  const error = await failure(client.send('a', 'GO'), LimitError);
  assert.deepEqual([error.code, error.retryAfter, seen.length], ['RateLimited', 3600, 1]);
});

test('a time to wait for may be a date', async (context) => {
  const past = new Date(Date.now() - 5_000).toUTCString();
  const { client, seen } = await scripted(context, [[503, { 'retry-after': past }]]);
  await client.send('a', 'GO');
  assert.equal(seen.length, 2);
});

test('after all tries the last problem is the answer', async (context) => {
  const { client, seen } = await scripted(context, [[503], [503], [503], [503]], { retries: 2 });
  const error = await failure(client.send('a', 'GO'), ServerError);
  assert.deepEqual([error.code, seen.length], ['Unavailable', 3]);
});

test('waits are full jitter under a doubling ceiling', async (context) => {
  const chances = [1, 0, 1];
  const retries = { firstWait: 40, ceiling: 50, chance: () => chances.shift() ?? 0 };
  const { client, seen } = await scripted(context, [[503], [503], [503]], retries);
  await client.send('a', 'GO');
  const waits = seen.slice(1).map(({ at }, index) => at - seen[index]!.at);
  assert.ok(waits[0]! >= 39 && waits[1]! < 39 && waits[2]! >= 49, String(waits));
});

test('what is not there any more was deleted by the try whose answer was lost', async (context) => {
  const { client, seen } = await scripted(context, [[503], [404, {}, 'UnknownActor']]);
  await client.delete('a');
  assert.equal(seen.length, 2);
  const first = await scripted(context, [[404, {}, 'UnknownActor']]);
  await assert.rejects(first.client.delete('a'), { code: 'UnknownActor' });
});

test('a key that may have been made is not made again', async (context) => {
  const { client, seen } = await scripted(context, [[429], [503]]);
  await assert.rejects(client.createKey(['read']), { status: 503 });
  assert.equal(seen.length, 2);
});

test('events of a batch have a key each, and keep those they are given', async (context) => {
  const bodies: string[] = [];
  const baseUrl = await listening(context, (request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => bodies.push(text));
    request.on('end', () => response.end('{"items": []}'));
  });
  await createClient({ baseUrl }).sendMany([
    { actorId: 'a', type: 'GO' },
    { actorId: 'a', type: 'GO' },
    { actorId: 'a', type: 'GO', idempotencyKey: 'mine' },
  ]);
  const { events } = JSON.parse(bodies.join('')) as { events: Array<{ idempotencyKey: string }> };
  assert.equal(new Set(events.map(({ idempotencyKey }) => idempotencyKey)).size, 3);
  assert.equal(events[2]!.idempotencyKey, 'mine');
});
