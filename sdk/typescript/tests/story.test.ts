/** Every operation once, against a real server, and its answers as the types say they are. */
import { NotFoundError, type Client } from '@statekeep/sdk';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { client, failure, LOAN_V1, LOAN_V2, prefix } from './server.js';

interface Loan {
  workflow: string;
  v1: string;
  v2: string;
}

function loan(): Loan {
  const workflow = prefix();
  return { workflow, v1: `${workflow}-v1`, v2: `${workflow}-v2` };
}

async function deployed(statekeep: Client): Promise<Loan> {
  const names = loan();
  await statekeep.deploy(names.v1, LOAN_V1, { workflow: names.workflow });
  return names;
}

test('a version is deployed, read, and deployed again without a change', async () => {
  const statekeep = client();
  const { workflow, v1 } = loan();
  const done = await statekeep.deploy(v1, LOAN_V1, { workflow });
  assert.deepEqual(
    [done.id, done.workflow, done.unchanged, done.migrated, done.stayed, done.stranded, done.state],
    [v1, workflow, false, 0, 0, 0, 'done'],
  );
  assert.equal((await statekeep.deploy(v1, LOAN_V1, { workflow })).unchanged, true);
  const found = await statekeep.definition(v1);
  assert.deepEqual(found.definition, LOAN_V1);
  assert.deepEqual(found.eventTypes, ['APPROVE', 'CANCEL', 'REVISE', 'SUBMIT']);
  assert.deepEqual(found.actors, { active: 0, done: 0, needs_rescue: 0 });
  const listed = await statekeep.definitions({ workflow }).toArray();
  assert.deepEqual(
    listed.map((version) => version.id),
    [v1],
  );
});

test('a definition given as text is kept as text', async () => {
  const statekeep = client();
  const { workflow, v1 } = loan();
  const text = '{"initial": "b", "states": {"b": {"on": {"GO": "a"}}, "a": {}}}';
  await statekeep.deploy(v1, text, { workflow });
  const found = await statekeep.definition(v1);
  assert.deepEqual(Object.keys((found.definition as { states: object }).states), ['b', 'a']);
});

test('an actor is spawned, takes events, and shows its context and its history', async () => {
  const statekeep = client();
  const { workflow, v1 } = await deployed(statekeep);
  const id = await statekeep.spawn(v1, { amount: 50_000, since: new Date(0), note: undefined });
  const sent = await statekeep.send(id, 'SUBMIT', { context: { by: 'web' } });
  assert.deepEqual(
    [sent.actorId, sent.accepted, sent.stateValue, sent.status, sent.revision, sent.migrated, sent.via, sent.queued],
    [id, true, 'review', 'active', 1, false, [], false],
  );
  const late = await statekeep.send(id, 'SUBMIT');
  assert.deepEqual([late.accepted, late.stateValue], [false, 'review']);
  const actor = await statekeep.get<{ amount: number; by: string }>(id);
  assert.deepEqual(actor.context, { amount: 50_000, since: '1970-01-01T00:00:00.000Z', by: 'web' });
  assert.deepEqual([actor.workflow, actor.version, actor.stranding, actor.queued], [workflow, v1, null, 0]);
  assert.deepEqual(await statekeep.history(id).toArray(), [{ type: 'SUBMIT', at: null, data: null }]);
  const patched = await statekeep.send(id, 'REVISE', { context: { by: null } });
  assert.equal(patched.stateValue, 'draft');
  assert.deepEqual(Object.keys((await statekeep.get(id)).context ?? {}), ['amount', 'since']);
});

test('a spawn answers more for those who ask, and happens once for one key', async () => {
  const statekeep = client();
  const { v1 } = await deployed(statekeep);
  const idempotencyKey = prefix();
  const first = await statekeep.spawnActor(v1, {}, { idempotencyKey });
  assert.deepEqual([first.stateValue, first.version, first.id], ['draft', v1, first.actorId]);
  assert.equal(await statekeep.spawn(v1, {}, { idempotencyKey }), first.actorId);
  assert.notEqual(await statekeep.spawn(v1), first.actorId);
});

test('the data of an event is what stands beside its type, kept where the journal is full', async () => {
  const statekeep = client();
  const { workflow, v1 } = loan();
  await statekeep.deploy(v1, LOAN_V1, { workflow, journal: 'Full' });
  const actor = statekeep.actor<typeof LOAN_V1>(await statekeep.spawn(v1));
  await actor.send({ type: 'SUBMIT', pages: 3 });
  await actor.send('REVISE', { data: ['too short'] });
  await actor.send({ type: 'SUBMIT' });
  const kept = (await actor.history().toArray()).map(({ type, data }) => [type, data]);
  assert.deepEqual(kept, [
    ['SUBMIT', { pages: 3 }],
    ['REVISE', ['too short']],
    ['SUBMIT', null],
  ]);
});

test('an event with an ETag happens only if nothing has happened since', async () => {
  const statekeep = client();
  const { v1 } = await deployed(statekeep);
  const spawned = await statekeep.spawnActor(v1);
  assert.match(spawned.etag ?? '', /^".+"$/);
  const sent = await statekeep.send(spawned.actorId, 'SUBMIT', { ifMatch: spawned.etag ?? '' });
  assert.equal(sent.etag, (await statekeep.get(spawned.actorId)).etag);
  await assert.rejects(statekeep.send(spawned.actorId, 'REVISE', { ifMatch: spawned.etag ?? '' }), {
    name: 'StaleRevisionError',
    code: 'StaleRevision',
  });
});

test('many events are answered one by one, in their order', async () => {
  const statekeep = client();
  const { v1 } = await deployed(statekeep);
  const [alice, bob] = [await statekeep.spawn(v1), await statekeep.spawn(v1)];
  const { items } = await statekeep.sendMany([
    { actorId: alice, type: 'SUBMIT', context: { a: 1 } },
    { actorId: bob, type: 'APPROVE' },
    { actorId: 'nobody', type: 'SUBMIT' },
  ]);
  assert.deepEqual(
    items.map(({ status, answer, problem }) => [
      status,
      answer?.stateValue,
      answer?.accepted,
      answer?.via,
      problem?.code,
    ]),
    [
      [200, 'review', true, [], undefined],
      [200, 'draft', false, [], undefined],
      [404, undefined, undefined, undefined, 'UnknownActor'],
    ],
  );
});

test('a preview says who would move, the deployment moves them, and both can be asked why', async () => {
  const statekeep = client();
  const { workflow, v1, v2 } = await deployed(statekeep);
  const [alice, bob] = [await statekeep.spawn(v1), await statekeep.spawn(v1)];
  await statekeep.send(alice, 'SUBMIT');
  const move = { parentId: v1, historyPath: ['SUBMIT'], stateMapping: { review: 'checks' } };
  const preview = await statekeep.preview(v2, LOAN_V2, move);
  assert.equal(preview.migration.wouldMigrate.length, 1);
  assert.deepEqual([preview.migration.wouldMigrate, preview.migration.wouldStay], [[alice], [bob]]);
  assert.deepEqual(preview.counts, { wouldMigrate: 1, wouldStay: 1, wouldStrand: 0 });
  assert.equal((await statekeep.get(alice)).version, v1);
  const done = await statekeep.deploy(v2, LOAN_V2, { ...move, expectPlan: preview.planHash, maxStranded: 0 });
  assert.deepEqual([done.migrated, done.stayed, done.stranded, done.planHash], [1, 1, 0, preview.planHash]);
  assert.deepEqual((await statekeep.deployment(v2)).migrated, 1);
  assert.deepEqual(await statekeep.deploymentActors(v2, 'migrated').toArray(), [{ id: alice, verdict: 'migrated' }]);
  assert.deepEqual(await statekeep.deploymentActors(v2, 'stayed').toArray(), [{ id: bob, verdict: 'stayed' }]);
  const [decision] = await statekeep.decisions(alice).toArray();
  assert.deepEqual(
    [
      decision?.verdict,
      decision?.from,
      decision?.to,
      decision?.fromState,
      decision?.toState,
      decision?.reason,
      decision?.rescued,
    ],
    ['migrated', v1, v2, 'review', 'checks', null, false],
  );
  const summary = await statekeep.workflow(workflow);
  assert.deepEqual(
    summary.versions.map((version) => version.id),
    [v1, v2],
  );
  assert.deepEqual(
    (await statekeep.groups({ workflow }).toArray())
      .map(({ version, stateValue, count }) => [version, stateValue, count])
      .sort(),
    [
      [v1, 'draft', 1],
      [v2, 'checks', 1],
    ],
  );
  assert.equal(
    (await statekeep.cohorts({ workflow, digest: true }).toArray()).every(({ form }) => form !== null),
    true,
  );
  const migrated = await statekeep.send(bob, 'SUBMIT');
  assert.deepEqual(
    [migrated.migrated, migrated.version, migrated.via],
    [true, v2, [{ changePoint: `${v2}.${v1}`, from: v1, to: v2 }]],
  );
});

test('change-points are registered, previewed, read and closed; the stranded are seen and rescued', async () => {
  const statekeep = client();
  const { workflow, v1, v2 } = await deployed(statekeep);
  await statekeep.deploy(v2, LOAN_V2, { workflow });
  const id = await statekeep.spawn(v1);
  const actor = statekeep.actor<typeof LOAN_V1>(id);
  await actor.send('SUBMIT');
  const point = { name: `${workflow}-point`, from: v1, to: v2, landing: 'Same' } as const;
  const preview = await statekeep.previewChangePoint(point);
  assert.deepEqual(preview.migration.wouldStrand, [id]);
  assert.deepEqual(preview.byState, [
    { version: v1, state: 'review', verdict: 'stranded', reason: 'StateRemoved', count: 1 },
  ]);
  assert.equal((await statekeep.changePoint(point)).stranded, 1);
  assert.deepEqual(
    (await statekeep.stranded({ workflow }).toArray()).map(({ id: who, reason }) => [who, reason]),
    [[id, 'StateRemoved']],
  );
  assert.deepEqual(await statekeep.stranded({ workflow, reason: 'StateMoved' }).toArray(), []);
  assert.deepEqual((await actor.get()).stranding?.way, [v2]);
  assert.equal((await statekeep.getChangePoint(point.name)).landingDefaulted, false);
  assert.deepEqual(
    (await statekeep.changePoints({ workflow }).toArray()).map(({ name }) => name),
    [point.name],
  );
  const rescued = await actor.rescue(v2, 'checks', 'the checks are the review now');
  assert.deepEqual([rescued.version, rescued.stateValue, rescued.status], [v2, 'checks', 'active']);
  assert.equal((await actor.decisions().toArray()).at(-1)?.note, 'the checks are the review now');
  assert.equal((await statekeep.close(point.name)).closed, true);
  await actor.delete();
  await failure(actor.get(), NotFoundError);
});

test('a workflow is frozen and let go; keys are made and revoked', async () => {
  const statekeep = client();
  const { workflow, v2 } = await deployed(statekeep);
  const frozen = await statekeep.freeze(workflow, 'incident 7');
  assert.deepEqual([frozen.frozen, frozen.reason], [true, 'incident 7']);
  await assert.rejects(statekeep.deploy(v2, LOAN_V2, { workflow }), { name: 'FrozenError', code: 'Frozen' });
  assert.equal((await statekeep.unfreeze(workflow)).frozen, false);
  const made = await statekeep.createKey(['read'], workflow);
  assert.match(made.key ?? '', /^stk_/);
  const mine = (await statekeep.keys().toArray()).filter(({ name }) => name === workflow);
  assert.deepEqual(
    mine.map(({ id, roles, revoked }) => [id, roles, revoked]),
    [[made.id, ['read'], false]],
  );
  await statekeep.revokeKey(made.id);
});

test('a workflow is counted, exported, and imported where it is already', async () => {
  const statekeep = client();
  const { workflow, v1 } = await deployed(statekeep);
  await statekeep.spawn(v1);
  const me = await statekeep.me();
  assert.ok(me.roles.includes('admin'));
  assert.equal((await statekeep.overview(workflow)).versions, 1);
  assert.ok((await statekeep.overviews().toArray()).some((item) => item.workflow === workflow));
  const { states } = await statekeep.states(workflow, v1);
  assert.deepEqual(states, [{ path: 'draft', actors: { active: 1, done: 0, needs_rescue: 0 } }]);
  const whole = await statekeep.exportRegistry({ workflow });
  const again = await statekeep.importRegistry(whole);
  assert.deepEqual([again.unchanged, again.uuid], [[workflow], whole.uuid]);
});

test('lists are read page by page, by cursor, and only as far as they are read', async () => {
  let asked = 0;
  const statekeep = client({
    fetch: (...call) => {
      asked += 1;
      return fetch(...call);
    },
  });
  const { workflow, v1 } = await deployed(statekeep);
  const spawned = await Promise.all(Array.from({ length: 7 }, () => statekeep.spawn(v1)));
  asked = 0;
  const actors = statekeep.actors({ workflow, limit: 3 });
  assert.equal(asked, 0);
  const seen: string[] = [];
  for await (const actor of actors) seen.push(actor.id);
  assert.deepEqual(seen.sort(), spawned.sort());
  assert.ok(asked >= 3, `${asked} pages`);
  const all = asked;
  for await (const _ of actors) break;
  assert.equal(asked, all + 1);
  const page = await actors.first();
  assert.equal(page.items.length, 3);
  const rest = await statekeep.actors({ workflow, limit: 1000, cursor: page.next ?? '' }).toArray();
  assert.equal(rest.length, 4);
  assert.deepEqual([(await actors.toArray(2)).length, (await actors.toArray(0)).length], [2, 0]);
});

test('ids with reserved characters are one part of the path', async () => {
  await assert.rejects(client().get('a?b#c d%41'), { code: 'UnknownActor', message: /a\?b#c d%41/ });
});
