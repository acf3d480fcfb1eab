/** The life of WHIP and WHEP sessions over real HTTP, beside a model that knows which are open: made, ended, ended twice, by others' URLs. */
import { Agent, request } from 'node:http';
import fc from 'fast-check';
import { httpRig } from '../../support/http-rig.ts';
import { realOffers } from '../offers.ts';
import { defineTarget, must } from '../target.ts';

const WHIP_IDS = ['door', 'garden'] as const;
const WHEP_IDS = ['latest', 'all', 'kitchen-tablet'] as const;
const PLACES = [...WHIP_IDS.map((id) => `whip/${id}`), ...WHEP_IDS.map((id) => `whep/${id}`)];

type Step =
  /** `offer`: `right`, `other way`, or an SDP. */
  | { do: 'create'; place: number; offer: string }
  /** On the session that was made so many before; `elsewhere`: by the URL of another place. */
  | { do: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'OPTIONS'; back: number; elsewhere: boolean };

interface Answer {
  status: number;
  location: string | undefined;
  text: string;
}

interface Made {
  place: number;
  sessionId: string;
  open: boolean;
}

const MAX_SESSIONS = 3;

export const wish = defineTarget<Step[]>({
  name: 'wish',
  share: 20,
  async open() {
    const rig = await httpRig({ maxSessions: MAX_SESSIONS });
    const { sends, receives, bent } = await realOffers();
    const agent = new Agent({ keepAlive: true });
    const ask = (method: string, path: string, body?: string): Promise<Answer> =>
      new Promise((resolve, reject) => {
        const headers = body === undefined ? {} : { 'content-type': 'application/sdp' };
        const asking = request({ agent, host: '127.0.0.1', port: rig.main.port, method, path, headers }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => (text += part));
          response.on('error', reject).on('end', () => {
            resolve({ status: response.statusCode ?? 0, location: response.headers.location, text });
          });
        });
        asking.setHeader('host', 'localhost');
        asking.on('error', reject).end(body);
      });
    const step: fc.Arbitrary<Step> = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant('create' as const),
          place: fc.nat({ max: PLACES.length - 1 }),
          offer: fc.oneof(
            { weight: 5, arbitrary: fc.constant('right') },
            { weight: 1, arbitrary: fc.constant('other way') },
            { weight: 2, arbitrary: bent },
          ),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constantFrom(
            'DELETE' as const,
            'DELETE' as const,
            'GET' as const,
            'PATCH' as const,
            'POST' as const,
            'OPTIONS' as const,
          ),
          back: fc.nat({ max: 4 }),
          elsewhere: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
        }),
      },
    );
    const isOpenAt = (made: readonly Made[], place: number): boolean =>
      made.some((each) => each.open && each.place === place);
    const countOf = (made: readonly Made[], protocol: string): number =>
      made.filter((each) => each.open && PLACES[each.place]!.startsWith(protocol)).length;

    /** What must be answered to an offer that is right. */
    function expected(made: readonly Made[], place: number, offer: string): number {
      const isWhip = PLACES[place]!.startsWith('whip');
      if (isWhip && isOpenAt(made, place)) return 409;
      if (countOf(made, isWhip ? 'whip' : 'whep') >= MAX_SESSIONS) return 503;
      return offer === 'right' ? 201 : 406;
    }

    async function create(made: Made[], { place, offer }: { place: number; offer: string }): Promise<void> {
      const isWhip = PLACES[place]!.startsWith('whip');
      const [right, other] = isWhip ? [sends, receives] : [receives, sends];
      const isKnown = offer === 'right' || offer === 'other way';
      const body = offer === 'right' ? right : offer === 'other way' ? other : offer;
      const wanted = expected(made, place, offer);
      const { status, location, text } = await ask('POST', `/${PLACES[place]}`, body);
      if (isKnown) must(status === wanted, `${status} to an offer for ${PLACES[place]}, ${wanted} expected: ${text}`);
      else must([201, 400, 406, 409, 413, 503].includes(status), `${status} to an offer: ${text}`);
      must(text.length < 20_000 && !text.includes(rig.token), 'an answer without measure, or with the token');
      if (status !== 201) return;
      must(text.startsWith('v=0'), 'an answer that is none');
      const sessionId = location?.split('/').at(-1) ?? '';
      must(/^[\w-]{22}$/.test(sessionId), `the location ${location}`);
      must(
        made.every((each) => each.sessionId !== sessionId),
        'a session id twice',
      );
      made.push({ place, sessionId, open: true });
    }

    async function act(made: Made[], { do: method, back, elsewhere }: Extract<Step, { back: number }>): Promise<void> {
      const session = made.at(-1 - back) ?? { place: back % PLACES.length, sessionId: 'A'.repeat(22), open: false };
      const place = elsewhere ? (session.place + 1) % PLACES.length : session.place;
      const isEnd = method === 'DELETE';
      const wanted = isEnd
        ? session.open && !elsewhere
          ? 200
          : 404
        : { GET: 204, OPTIONS: undefined, PATCH: 405, POST: 405 }[method];
      const { status, text } = await ask(method, `/${PLACES[place]}/${session.sessionId}`);
      if (wanted !== undefined) must(status === wanted, `${status} to ${method}, ${wanted} expected: ${text}`);
      else must(status < 500, `${status} to ${method}`);
      if (isEnd && !elsewhere) session.open = false;
      const counts = rig.peers.counts();
      must(counts.senders === countOf(made, 'whip'), `${counts.senders} senders, ${countOf(made, 'whip')} sessions`);
      must(
        counts.receivers === countOf(made, 'whep'),
        `${counts.receivers} receivers, ${countOf(made, 'whep')} sessions`,
      );
    }

    return {
      inputs: fc.array(step, { minLength: 1, maxLength: 16, size: 'max' }),
      count: (steps) => steps.length,
      async run(steps) {
        const made: Made[] = [];
        try {
          for (const each of steps) await (each.do === 'create' ? create(made, each) : act(made, each));
        } finally {
          for (const { place, sessionId } of made.filter(({ open }) => open)) {
            await ask('DELETE', `/${PLACES[place]}/${sessionId}`);
          }
        }
        const told = rig.log.lines.splice(0);
        must(!told.some((line) => line.startsWith('ERROR') || line.includes(rig.token)), told.join('\n'));
      },
      sizes: () => {
        const { senders, receivers } = rig.peers.counts();
        return { senders, receivers, live: rig.relay.live.length };
      },
      async witness() {
        const { status, location } = await ask('POST', '/whep/latest', receives);
        must(status === 201, `the witness gets ${status}`);
        must((await ask('DELETE', `/whep/${location}`)).status === 200, 'the witness cannot leave');
      },
      async close() {
        agent.destroy();
        await rig.close();
      },
    };
  },
});
