/** One actor, with the events of its machine: the client's methods with the id filled in. */
import type { Actor, Client, ReadOptions, RescueOptions, SendOptions, Stamped } from './client.js';
import type { CallOptions } from './exchange.js';
import type { EventInput } from './events.js';
import type { DecisionItem, EventAnswer, HistoryItem, StateValue, StepAnswer } from './generated/wire.js';
import type { Pages } from './pages.js';

export class ActorHandle<Machine = unknown> {
  readonly id: string;
  readonly #client: Client;

  constructor(client: Client, id: string) {
    this.#client = client;
    this.id = id;
  }

  /** Send one event: its type, or an object whose members besides `type` are its data. */
  send(event: EventInput<Machine>, options?: SendOptions): Promise<Stamped<EventAnswer>> {
    return this.#client.send<Machine>(this.id, event, options);
  }

  get<Context extends object = Record<string, unknown>>(options?: CallOptions): Promise<Stamped<Actor<Context>>> {
    return this.#client.get<Context>(this.id, options);
  }

  /** The accepted events, oldest first. */
  history(options?: ReadOptions): Pages<HistoryItem> {
    return this.#client.history(this.id, options);
  }

  /** Everything that was decided about it, oldest first. */
  decisions(options?: ReadOptions): Pages<DecisionItem> {
    return this.#client.decisions(this.id, options);
  }

  /** Put it where a person says. */
  rescue(to: string, stateValue: StateValue, reason: string, options?: RescueOptions): Promise<Stamped<StepAnswer>> {
    return this.#client.rescue(this.id, to, stateValue, reason, options);
  }

  delete(options?: CallOptions): Promise<void> {
    return this.#client.delete(this.id, options);
  }
}
