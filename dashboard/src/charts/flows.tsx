// A plan as a picture: from which state to which, by verdict, as wide as there are actors. All of it
// stands below as a table too.

import type { Flow, Verdict } from "../api/types";
import { useNarrow } from "../parts/narrow";
import { actors, count, short, stateOf, stateText, VERDICT_WORDS } from "../words";

interface Size {
  wide: number;
  box: number;
  letters: number;
}

const SCREEN: Size = { wide: 860, box: 250, letters: 30 };
const PHONE: Size = { wide: 380, box: 148, letters: 13 };
const GAP = 12;
const LEAST = 34;
const MOST = 24;
const ORDER: readonly Verdict[] = ["migrated", "stayed", "stranded"];

interface Side {
  name: string;
  version: string;
  state: string;
  verdict: Verdict | null;
  count: number;
  y: number;
  height: number;
  used: number;
}

export function Flows({ flows }: { flows: readonly Flow[] }) {
  const drawn = flows.slice(0, MOST);
  const size = useNarrow("36rem") ? PHONE : SCREEN;
  const { left, right, bands, height } = placed(drawn, size);
  if (drawn.length === 0) return null;
  return (
    <>
      <figure class="drawing flows">
        <div class="canvas" tabIndex={0} role="group" aria-label="From which state to which">
          <svg viewBox={`0 0 ${size.wide} ${height}`} width={size.wide} height={height} class="chart" role="img" aria-label={told(drawn)}>
            {bands.map((band) => (
              <path class={`band ${band.flow.verdict}`} d={band.way} data-verdict={band.flow.verdict} data-count={band.flow.count}>
                <title>{sentence(band.flow)}</title>
              </path>
            ))}
            {left.map((side) => (
              <Box side={side} x={0} size={size} />
            ))}
            {right.map((side) => (
              <Box side={side} x={size.wide - size.box} size={size} />
            ))}
          </svg>
        </div>
        {flows.length > MOST && (
          <figcaption class="dim">
            The {MOST} largest of {flows.length} flows are drawn.
          </figcaption>
        )}
      </figure>
      <div class="plain" tabIndex={0} role="group" aria-label="The same as a table">
        <table>
        <caption class="unseen">From which state to which, with how many actors</caption>
        <thead>
          <tr>
            <th scope="col">Actors</th>
            <th scope="col">From</th>
            <th scope="col">Would</th>
            <th scope="col">To, or why not</th>
          </tr>
        </thead>
        <tbody>
          {flows.slice(0, 200).map((flow) => (
            <tr data-verdict={flow.verdict}>
              <td class="right">{count(flow.count)}</td>
              <td>
                <code>{stateText(stateOf(flow.state))}</code> <span class="dim">{flow.version}</span>
              </td>
              <td>
                <span class={`badge ${flow.verdict}`}>{VERDICT_WORDS[flow.verdict]}</span>
              </td>
              <td>
                {flow.verdict === "migrated" ? (
                  <>
                    <code>{stateText(stateOf(flow.toState))}</code> <span class="dim">{flow.toVersion}</span>
                  </>
                ) : (
                  <>
                    <span class="reason">{flow.reason}</span> {flow.message && <span class="dim">{flow.message}</span>}
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
        </table>
      </div>
      {flows.length > 200 && <p class="dim">and {flows.length - 200} more.</p>}
    </>
  );
}

function Box({ side, x, size }: { side: Side; x: number; size: Size }) {
  const middle = side.y + side.height / 2;
  const state = cut(stateText(stateOf(side.state)), size.letters);
  return (
    <g class={`end ${side.verdict ?? ""}`}>
      <rect x={x} y={side.y} width={size.box} height={side.height} rx="7" />
      <text class="name" x={x + 12} y={middle - 1}>
        {state}
      </text>
      <text class="dim" x={x + 12} y={middle + 13}>
        {cut(side.version, size.letters)}
      </text>
      <text class="count" x={x + size.box - 10} y={middle + 5}>
        {short(side.count)}
      </text>
    </g>
  );
}

function placed(flows: readonly Flow[], size: Size) {
  const all = flows.reduce((sum, flow) => sum + flow.count, 0);
  const left = sides(flows, (flow) => [flow.version, flow.state, null]);
  const right = sides(flows, (flow) =>
    flow.verdict === "migrated"
      ? [flow.toVersion, flow.toState, flow.verdict]
      : [flow.verdict === "stayed" ? "stays where it is" : "needs rescue", flow.verdict === "stayed" ? "stays" : (flow.reason ?? "stranded"), flow.verdict],
  ).sort((one, other) => ORDER.indexOf(one.verdict ?? "migrated") - ORDER.indexOf(other.verdict ?? "migrated"));
  const room = Math.max(160, 40 * Math.max(left.length, right.length));
  const height = Math.max(settle(left, all, room), settle(right, all, room));
  const bands = flows.map((flow) => {
    const from = left.find((side) => side.name === nameOf(flow.version, flow.state, null));
    const to = right.find((side) => side.name === rightName(flow));
    return { flow, way: from && to ? band(flow, from, to, size) : "" };
  });
  return { left, right, bands, height };
}

function rightName(flow: Flow): string {
  if (flow.verdict === "migrated") return nameOf(flow.toVersion, flow.toState, flow.verdict);
  if (flow.verdict === "stayed") return nameOf("stays where it is", "stays", flow.verdict);
  return nameOf("needs rescue", flow.reason ?? "stranded", flow.verdict);
}

function sides(flows: readonly Flow[], of: (flow: Flow) => [string, string, Verdict | null]): Side[] {
  const found = new Map<string, Side>();
  for (const flow of flows) {
    const [version, state, verdict] = of(flow);
    const name = nameOf(version, state, verdict);
    const side = found.get(name) ?? { name, version, state, verdict, count: 0, y: 0, height: 0, used: 0 };
    side.count += flow.count;
    found.set(name, side);
  }
  return [...found.values()];
}

function settle(column: Side[], all: number, room: number): number {
  let y = 0;
  for (const side of column) {
    side.y = y;
    side.height = Math.max(LEAST, (side.count / all) * room);
    y += side.height + GAP;
  }
  return y;
}

function band(flow: Flow, from: Side, to: Side, { wide, box }: Size): string {
  const out = (flow.count / from.count) * from.height;
  const into = (flow.count / to.count) * to.height;
  const [a, b] = [from.y + from.used, to.y + to.used];
  from.used += out;
  to.used += into;
  const [x0, x1, middle] = [box, wide - box, wide / 2];
  return (
    `M${x0} ${a}C${middle} ${a} ${middle} ${b} ${x1} ${b}` +
    `L${x1} ${b + into}C${middle} ${b + into} ${middle} ${a + out} ${x0} ${a + out}Z`
  );
}

function nameOf(version: string, state: string, verdict: Verdict | null): string {
  return [version, state, verdict ?? ""].join("\n");
}

function sentence(flow: Flow): string {
  const from = `${actors(flow.count)} in ${stateText(stateOf(flow.state))} on ${flow.version}`;
  if (flow.verdict === "migrated") {
    return `${from} would migrate to ${stateText(stateOf(flow.toState))} on ${flow.toVersion}`;
  }
  return `${from} would ${VERDICT_WORDS[flow.verdict]}: ${flow.reason ?? ""}`;
}

function told(flows: readonly Flow[]): string {
  return `${flows.slice(0, 12).map(sentence).join(". ")}.`;
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
