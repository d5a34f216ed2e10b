/** The real server that the tests are given, names that no other test uses, and servers that misbehave. */
import { createClient, type Client, type ClientOptions } from '@statekeep/sdk';
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

function given(name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw new Error(`${name} must name a running server: run these tests by pytest tests/integration/sdk`);
  return value;
}

export const url = given('STATEKEEP_URL');
export const apiKey = given('STATEKEEP_API_KEY');

export function client(options: Partial<ClientOptions> = {}): Client {
  return createClient({ baseUrl: url, apiKey, ...options });
}

/** Everything that a test deploys begins with a prefix of its own. */
export function prefix(): string {
  return `t${randomBytes(4).toString('hex')}`;
}

export const LOAN_V1 = {
  initial: 'draft',
  states: {
    draft: { on: { SUBMIT: 'review', CANCEL: 'cancelled' } },
    review: { on: { APPROVE: 'approved', REVISE: 'draft' } },
    approved: { type: 'final' },
    cancelled: { type: 'final' },
  },
} as const;

export const LOAN_V2 = {
  initial: 'draft',
  states: {
    draft: { on: { SUBMIT: 'checks' } },
    checks: { on: { APPROVE: 'approved' } },
    approved: { type: 'final' },
  },
} as const;

/** An HTTP server for the test, on a free port; its address. */
export async function listening(test: TestContext, listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Where nobody listens: a port that was free a moment ago. */
export async function nobody(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

/** Hands a request on to the real server. */
export async function forward(request: IncomingMessage): Promise<Response> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = Object.entries(request.headers).filter(
    ([name]) => !['host', 'connection', 'content-length'].includes(name),
  );
  return fetch(url + request.url, {
    method: request.method ?? 'GET',
    headers: headers as Array<[string, string]>,
    ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
  });
}

/** The error that something rejects with. */
export async function failure<Failure extends Error>(
  promise: Promise<unknown>,
  kind: new (...rest: never[]) => Failure,
): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
  throw new Error(`nothing was thrown, and not ${kind.name}`);
}
