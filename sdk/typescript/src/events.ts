/** The events of a machine, from its type: XState's, or those of a definition that TypeScript knows by its keys. */

/** An event of which nothing but its type is known. */
export interface AnyEvent {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** The part of an XState machine (v5) that shows which events it takes. */
interface TakesEvents<Event> {
  transition(snapshot: any, event: Event, scope: any): any;
}

/**
 * The events of `Machine`: `typeof machine`, `typeof definition` (a literal `as const`, or an imported JSON file), or a
 * union of events itself. Anything where nothing is known.
 */
export type EventOf<Machine> = unknown extends Machine
  ? AnyEvent
  : Machine extends TakesEvents<infer Event>
    ? Extract<Event, { type: string }>
    : Machine extends { states: unknown } | { on: unknown }
      ? { type: Named<DescriptorsOf<Machine>>; readonly [member: string]: unknown }
      : Machine extends { type: string }
        ? Machine
        : AnyEvent;

/** Their types. */
export type EventTypeOf<Machine> = EventOf<Machine>['type'];

/** An event as it is sent: its type, or an object whose other members are the event's data. */
export type EventInput<Machine> = EventTypeOf<Machine> | EventOf<Machine>;

type DescriptorsOf<Node> = OwnDescriptors<Node> | ChildDescriptors<Node>;
type OwnDescriptors<Node> = Node extends { on: infer On } ? keyof On & string : never;
type ChildDescriptors<Node> = Node extends { states: infer States }
  ? { [Key in keyof States]: DescriptorsOf<States[Key]> }[keyof States]
  : never;

/** Wildcards stand for what they match; a definition without literal keys takes any name. */
type Named<Descriptor extends string> = [Descriptor] extends [never] ? string : Matched<Descriptor>;
type Matched<Descriptor extends string> = Descriptor extends '*'
  ? string
  : Descriptor extends `${infer Prefix}.*`
    ? Prefix | `${Prefix}.${string}`
    : Descriptor;
