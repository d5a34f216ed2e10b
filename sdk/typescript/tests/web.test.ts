/**
 * The package in a world that has nothing but the web's standards: no `process`, no `Buffer`, no `require`, and only
 * what browsers, Deno, Bun and Node 18 all have.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createContext, SourceTextModule, type Module } from 'node:vm';
import { apiKey, LOAN_V1, prefix, url } from './server.js';

const PACKAGE = import.meta.resolve('@statekeep/sdk');
const STANDARD = { AbortController, clearTimeout, fetch, setTimeout, URL, URLSearchParams };

type Sdk = typeof import('@statekeep/sdk');

/** The package, evaluated in a world with these globals and those of the language. */
async function loaded(globals: object): Promise<{ sdk: Sdk; files: number }> {
  const context = createContext({ ...globals });
  const modules = new Map<string, Module>();
  const load = (address: string): Module => {
    const known = modules.get(address);
    if (known !== undefined) return known;
    assert.ok(address.startsWith('file:'), `${address} is no file of the package`);
    const made = new SourceTextModule(readFileSync(fileURLToPath(address), 'utf8'), { context, identifier: address });
    modules.set(address, made);
    return made;
  };
  const link = (specifier: string, from: Module): Module => {
    assert.match(specifier, /^\.{1,2}\//, `${from.identifier} imports ${specifier}`);
    return load(new URL(specifier, from.identifier).href);
  };
  const root = load(PACKAGE) as SourceTextModule;
  await root.link(link);
  await root.evaluate();
  return { sdk: root.namespace as Sdk, files: modules.size };
}

const worlds: Array<[string, object]> = [
  ['with all of crypto', { crypto }],
  [
    'with getRandomValues alone, as a page without TLS',
    { crypto: { getRandomValues: crypto.getRandomValues.bind(crypto) } },
  ],
  ['without crypto, as Node 18', {}],
];

for (const [name, extra] of worlds) {
  test(`a whole story ${name}`, async () => {
    const keys = new Set<string | null>();
    const watched: typeof fetch = (input, init) => {
      keys.add(new Headers(init?.headers).get('idempotency-key'));
      return fetch(input, init);
    };
    const { sdk, files } = await loaded({ ...STANDARD, ...extra, fetch: watched });
    assert.ok(files > 10);
    const client = sdk.createClient({ baseUrl: url, apiKey });
    const id = prefix();
    await client.deploy(id, LOAN_V1, { workflow: id });
    const actor = await client.spawn(id);
    assert.equal((await client.send(actor, 'SUBMIT')).stateValue, 'review');
    assert.equal((await client.actors({ workflow: id }).toArray())[0]?.id, actor);
    keys.delete(null);
    assert.equal(keys.size, 3);
    for (const key of keys)
      assert.match(key ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    await assert.rejects(client.get('nobody'), { code: 'UnknownActor' });
    await assert.rejects(client.get(actor, { signal: AbortSignal.abort() }), { code: 'Aborted' });
  });
}
