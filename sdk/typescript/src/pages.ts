/** A list of the server, page by page as it is read. */

/** A page; `next` is the cursor of the following one, null at the end. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/**
 * Every item of a list: `for await (const item of pages)`. Nothing is asked for before it is read, and each loop
 * begins anew.
 */
export class Pages<Item> implements AsyncIterable<Item> {
  readonly #load: (cursor: string | null) => Promise<Page<Item>>;
  readonly #start: string | null;

  constructor(load: (cursor: string | null) => Promise<Page<Item>>, start: string | null = null) {
    this.#load = load;
    this.#start = start;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for await (const page of this.pages()) yield* page.items;
  }

  /** The pages themselves, to keep a cursor. */
  async *pages(): AsyncGenerator<Page<Item>, void, undefined> {
    let cursor = this.#start;
    do {
      const page = await this.#load(cursor);
      yield page;
      cursor = page.next;
    } while (cursor !== null);
  }

  /** The first page. */
  first(): Promise<Page<Item>> {
    return this.#load(this.#start);
  }

  /** All items in a list, or the first so many. */
  async toArray(most = Infinity): Promise<Item[]> {
    const found: Item[] = [];
    if (most <= 0) return found;
    for await (const item of this) if (found.push(item) >= most) break;
    return found;
  }
}
