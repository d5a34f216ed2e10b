/** What cannot be answered: each a typed error with a code, and a sentence that says what to do. */
import {
  AbortedError,
  ActorBlockedError,
  AnswerUnreadableError,
  AuthenticationError,
  createClient,
  hasCode,
  InvalidArgumentError,
  InvalidDefinitionError,
  NoServerError,
  NotFoundError,
  PermissionError,
  PlanDriftedError,
  StateKeepError,
  TimedOutError,
  TooManyStrandedError,
} from '@statekeep/sdk';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { apiKey, client, failure, forward, listening, LOAN_V1, LOAN_V2, nobody, prefix, url } from './server.js';

test('a server that is not there', async () => {
  const base = await nobody();
  const lost = createClient({ baseUrl: base, apiKey: 'secret', retries: { retries: 2, firstWait: 1 } });
  const error = await failure(lost.get('someone'), NoServerError);
  assert.equal(error.code, 'NoServer');
  assert.equal(error.tries, 3);
  assert.match(error.message, /\/v1\/actors\/someone does not answer \(tried 3 times\): .*ECONNREFUSED/);
  assert.ok(!error.message.includes('secret'));
});

test('a server that is lost on the way, and comes back, has done it once', async (context) => {
  const id = prefix();
  await client().deploy(id, LOAN_V1, { workflow: id });
  const keys: unknown[] = [];
  const base = await listening(context, (request, response) => {
    keys.push(request.headers['idempotency-key']);
    void forward(request).then(async (answer) => {
      if (keys.length < 3) return response.destroy();
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      return response.end(await answer.text());
    });
  });
  const statekeep = client({ baseUrl: base, retries: { firstWait: 1 } });
  const actor = await statekeep.spawn(id);
  assert.equal(keys.length, 3);
  assert.equal(new Set(keys).size, 1);
  assert.deepEqual(
    (await client().actors({ workflow: id }).toArray()).map((item) => item.id),
    [actor],
  );
});

test('a key that was revoked, one that is unknown, and none', async () => {
  const made = await client().createKey(['send'], prefix());
  const theirs = client({ apiKey: made.key ?? '' });
  await theirs.actors().first();
  await client().revokeKey(made.id);
  const revoked = await failure(theirs.actors().first(), AuthenticationError);
  assert.deepEqual([revoked.code, revoked.status], ['KeyRevoked', 401]);
  assert.match(revoked.wayOut, /statekeep keys create/);
  const unknown = await failure(client({ apiKey: 'stk_unknown' }).get('someone'), AuthenticationError);
  assert.equal(unknown.code, 'KeyUnknown');
  assert.ok(!unknown.message.includes('stk_unknown'));
  assert.equal((await failure(createClient({ baseUrl: url }).get('someone'), AuthenticationError)).code, 'KeyMissing');
});

test('a role without rights', async () => {
  const made = await client().createKey(['read'], prefix());
  const error = await failure(client({ apiKey: made.key ?? '' }).spawn('anything'), PermissionError);
  assert.equal(error.code, 'RoleMissing');
  await client().revokeKey(made.id);
});

test('an unknown id', async () => {
  const actor = await failure(client().send('nobody', 'SUBMIT'), NotFoundError);
  assert.deepEqual([actor.code, actor.status], ['UnknownActor', 404]);
  assert.equal(actor.wayOut, 'Look for it with GET /v1/actors.');
  assert.equal((await failure(client().spawn('no-version'), NotFoundError)).code, 'UnknownVersion');
  assert.equal((await failure(client().history('nobody').toArray(), NotFoundError)).code, 'UnknownActor');
});

test('a definition that is refused shows every reason by its pointer', async () => {
  const broken = { initial: 'nowhere', states: { a: { on: { GO: 'elsewhere' } } } };
  const error = await failure(client().deploy(prefix(), broken), InvalidDefinitionError);
  assert.equal(error.code, 'InvalidDefinition');
  assert.deepEqual(error.errors.map(({ code, pointer }) => [code, pointer]).sort(), [
    ['TargetNotFound', '/states/a/on/GO'],
    ['WrongInitial', '/initial'],
  ]);
  assert.ok(error.errors.some(({ pointer }) => pointer === error.pointer));
  assert.match(error.message, /\/initial: /);
});

test('a gate that is closed', async () => {
  const id = prefix();
  await client().deploy(`${id}-v1`, LOAN_V1, { workflow: id });
  await client().send(await client().spawn(`${id}-v1`), 'SUBMIT');
  const error = await failure(
    client().deploy(`${id}-v2`, LOAN_V2, { parentId: `${id}-v1`, maxStranded: 0 }),
    TooManyStrandedError,
  );
  assert.deepEqual([error.status, error.name], [409, 'TooManyStrandedError']);
  const again = client().deploy(`${id}-v1`, LOAN_V2, { workflow: id });
  await assert.rejects(again, { name: 'ConflictError', code: 'DefinitionExists' });
});

test('a plan that has drifted moves nobody', async () => {
  const id = prefix();
  await client().deploy(`${id}-v1`, LOAN_V1, { workflow: id });
  await client().spawn(`${id}-v1`);
  const expectPlan = `sha256:${'0'.repeat(64)}`;
  const error = await failure(
    client().deploy(`${id}-v2`, LOAN_V2, { parentId: `${id}-v1`, expectPlan }),
    PlanDriftedError,
  );
  assert.deepEqual([error.code, error.status], ['PlanDrifted', 409]);
  assert.equal((await client().groups({ workflow: id }).toArray())[0]?.version, `${id}-v1`);
});

test('an actor that is stranded blocks its events, or queues them, as its change-point says', async () => {
  for (const whileStranded of ['Block', 'Buffer'] as const) {
    const id = prefix();
    await client().deploy(`${id}-v1`, LOAN_V1, { workflow: id });
    const actor = await client().spawn(`${id}-v1`);
    await client().send(actor, 'SUBMIT');
    await client().deploy(`${id}-v2`, LOAN_V2, { parentId: `${id}-v1`, landing: 'Same', whileStranded });
    const sent = client().send(actor, 'APPROVE');
    if (whileStranded === 'Block') {
      assert.match((await failure(sent, ActorBlockedError)).wayOut, /rescue/);
    } else {
      assert.deepEqual([(await sent).queued, (await client().get(actor)).queued], [true, 1]);
    }
  }
});

test('an abort before, during and between tries', async (context) => {
  const base = await listening(context, () => {});
  const before = await failure(client().get('someone', { signal: AbortSignal.abort('changed my mind') }), AbortedError);
  assert.deepEqual([before.name, before.code, before.cause], ['AbortError', 'Aborted', 'changed my mind']);
  const during = new AbortController();
  const pending = failure(client({ baseUrl: base }).get('someone', { signal: during.signal }), AbortedError);
  setTimeout(() => during.abort(), 20);
  assert.equal((await pending).code, 'Aborted');
  const between = new AbortController();
  const lost = client({ baseUrl: await nobody(), retries: { firstWait: 60_000, ceiling: 60_000, chance: () => 1 } });
  const waiting = failure(lost.get('someone', { signal: between.signal }), AbortedError);
  setTimeout(() => between.abort(), 20);
  assert.equal((await waiting).code, 'Aborted');
});

test('an abort ends the reading of a list', async () => {
  const id = prefix();
  await client().deploy(id, LOAN_V1, { workflow: id });
  for (let count = 0; count < 3; count += 1) await client().spawn(id);
  const controller = new AbortController();
  const read = async () => {
    for await (const _ of client().actors({ workflow: id, limit: 1, signal: controller.signal })) controller.abort();
  };
  await failure(read(), AbortedError);
});

test('an answer that does not come in time', async (context) => {
  const base = await listening(context, () => {});
  const slow = client({ baseUrl: base, timeout: 20, retries: { retries: 1, firstWait: 1 } });
  const error = await failure(slow.get('someone'), TimedOutError);
  assert.ok(error instanceof NoServerError);
  assert.deepEqual([error.code, error.tries], ['TimedOut', 2]);
  assert.match(error.message, /nothing within 20 ms/);
  const once = await failure(client({ baseUrl: base, retries: 0 }).get('someone', { timeout: 15 }), TimedOutError);
  assert.equal(once.tries, 1);
});

test('an answer may be waited for as long as it takes', async (context) => {
  const base = await listening(context, (_, response) => void setTimeout(() => response.end('{"items": []}'), 30));
  const patient = client({ baseUrl: base, timeout: Infinity });
  assert.deepEqual(await patient.actors().toArray(), []);
});

test('a fetch that does not look at its signal is not waited for', async () => {
  const deaf = client({ fetch: () => new Promise(() => {}), timeout: 10, retries: 0 });
  assert.equal((await failure(deaf.get('someone'), TimedOutError)).tries, 1);
});

test('something else answers: a page, a redirect, nothing, a list', async (context) => {
  const answers: Array<[number, Record<string, string>, string]> = [
    [200, { 'content-type': 'text/html' }, '<h1>Welcome</h1>'],
    [302, { location: `${url}/v1/actors/someone` }, ''],
    [400, {}, ''],
    [200, {}, '[1]'],
    [500, {}, '{"error": "no problem of ours"}'],
  ];
  const base = await listening(context, (_, response) => {
    const [status, headers, body] = answers.shift()!;
    response.writeHead(status, headers).end(body);
  });
  const elsewhere = client({ baseUrl: base, retries: 0 });
  const found: Array<[number, string]> = [];
  while (answers.length > 0) {
    const error = await failure(elsewhere.get('someone'), AnswerUnreadableError);
    found.push([error.status, error.message.split('something unreadable: ')[1]!.split('\n')[0]!]);
  }
  assert.deepEqual(found, [
    [200, '<h1>Welcome</h1>'],
    [302, 'a redirect'],
    [400, 'an empty body'],
    [200, '[1]'],
    [500, '{"error": "no problem of ours"}'],
  ]);
});

test('what JSON does not have is refused before anything is sent, with its place', async () => {
  const silent = client({ fetch: () => assert.fail('something was sent') });
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  const context = {
    n: NaN,
    big: 1n,
    map: new Map(),
    list: [undefined, () => 1],
    ok: null,
    circular,
    bytes: new Uint8Array(2),
  };
  const error = await failure(silent.spawn('loan', context), InvalidArgumentError);
  assert.deepEqual(
    error.errors.map(({ pointer }) => pointer),
    ['n', 'big', 'map', 'list/0', 'list/1', 'circular/self', 'bytes'].map((path) => `/initialContext/${path}`),
  );
  assert.equal(error.pointer, '/initialContext/n');
  const both = silent.send('id', { type: 'PAY', amount: 1 }, { data: 2 });
  await failure(both, InvalidArgumentError);
  await failure(silent.send('id', 'PAY', { idempotencyKey: 'two\nlines' }), InvalidArgumentError);
});

test('an id that would lead elsewhere is refused, as is no id at all', async () => {
  const silent = client({ fetch: () => assert.fail('something was sent') });
  const none = undefined as unknown as string;
  for (const id of ['', '.', '..', none]) {
    await failure(silent.delete(id), InvalidArgumentError);
    await failure(silent.get(id), InvalidArgumentError);
    await failure(silent.history(id).toArray(), InvalidArgumentError);
  }
  await assert.rejects(client().get('half a pair: \ud800'), { code: 'UnknownActor' });
});

test('what a program without types may pass is refused in a sentence', async () => {
  const silent = client({ fetch: () => assert.fail('something was sent') });
  for (const nothing of [undefined, null, 7] as never[]) {
    await failure(silent.deploy('loan', nothing), InvalidArgumentError);
    await failure(silent.send('id', nothing), InvalidArgumentError);
  }
  await failure(silent.send('id', { type: 7 } as never), InvalidArgumentError);
  await failure(silent.sendMany([{ actorId: 'a', type: 'GO', data: NaN }]), InvalidArgumentError);
});

test('a client that cannot work is refused when it is made, and no message shows the key', () => {
  for (const baseUrl of ['statekeep.example', 'ftp://statekeep.example', '']) {
    assert.throws(() => createClient({ baseUrl }), InvalidArgumentError);
  }
  const secret = 'sec\nret';
  assert.throws(
    () => createClient({ baseUrl: url, apiKey: secret }),
    (error: StateKeepError) => error.code === 'InvalidArgument' && !error.message.includes(secret),
  );
});

test('a client that is shown does not show its key', () => {
  const shown = client({ apiKey: 'stk_secret' });
  for (const text of [inspect(shown, { depth: 9, showHidden: true }), inspect(shown.actor('a')), JSON.stringify(shown)]) {
    assert.ok(!text.includes('stk_secret'), text);
  }
});

test('a path prefix of the server is kept', async (context) => {
  const paths: unknown[] = [];
  const base = await listening(context, (request, response) => {
    paths.push(request.url);
    response.end('{"items": [], "next": null}');
  });
  await createClient({ baseUrl: `${base}/state/keep/`, apiKey })
    .actors({ state: 'a b&c' })
    .toArray();
  assert.deepEqual(paths, ['/state/keep/v1/actors?state=a+b%26c']);
});

test('codes narrow what was thrown', async () => {
  const error: unknown = await client()
    .get('nobody')
    .catch((reason: unknown) => reason);
  assert.ok(hasCode(error, 'UnknownVersion', 'UnknownActor'));
  const code: 'UnknownVersion' | 'UnknownActor' = error.code;
  assert.equal(code, 'UnknownActor');
  assert.equal(hasCode(error, 'Aborted'), false);
  assert.equal(hasCode(new Error('UnknownActor'), 'UnknownActor'), false);
});
