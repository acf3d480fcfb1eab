/** What Home Assistant, its Supervisor and its MQTT broker say: answers over real HTTP, events, payloads of anybody. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RequestError } from '@voice-streaming/shared/errors';
import fc from 'fast-check';
import { entitiesEvent, EntityStates } from '../../../src/homeassistant/entity-states.ts';
import { MqttFormer } from '../../../src/homeassistant/mqtt-former.ts';
import { MqttPresence } from '../../../src/homeassistant/mqtt-presence.ts';
import { MqttTopics } from '../../../src/homeassistant/mqtt-topics.ts';
import { Supervisor, SupervisorError } from '../../../src/homeassistant/supervisor.ts';
import { Relay } from '../../../src/media/relay.ts';
import { parseAnnounceRequest } from '../../../src/speakers/announce-request.ts';
import { safeParse } from 'valibot';
import { quietLog } from '../../support/quiet-log.ts';
import { anyJson, bent, bentObject, mostly } from '../arbitraries.ts';
import { defineTarget, must, mustNotTell, SECRET } from '../target.ts';

interface Answer {
  status: number;
  body: string;
}

const selfInfo = {
  slug: 'local_voice_streaming',
  ip_address: '172.30.32.1',
  ingress_port: 62_000,
  network: { '8081/tcp': null },
};
const network = {
  interfaces: [{ interface: 'eth0', connected: true, primary: true, ipv4: { address: ['192.168.1.5/24'] } }],
};
const data = fc.oneof(
  bentObject(
    fc.constantFrom<Record<string, unknown>>(selfInfo, network, { host: 'core-mosquitto', port: 1883, password: 'x' }),
  ),
  anyJson,
);
const envelope = mostly(
  data.map((each) => JSON.stringify({ result: 'ok', data: each })),
  fc.oneof(
    anyJson.map((each) => JSON.stringify(each)),
    anyJson.map((each) => JSON.stringify({ result: 'error', message: each })),
    fc.string(),
  ),
);

export const supervisor = defineTarget<Answer>({
  name: 'supervisor',
  share: 20,
  async open() {
    let next: Answer = { status: 200, body: '' };
    const server = createServer((_request, response) => {
      response.writeHead(next.status, { 'content-type': 'application/json' }).end(next.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const asked = new Supervisor({ url, token: SECRET, maxAnswerBytes: 20_000 });
    return {
      inputs: fc.record({ status: fc.constantFrom(200, 200, 200, 200, 400, 401, 404, 500), body: bent(envelope, 2) }),
      count: () => 1,
      async run(answer) {
        next = answer;
        const questions = [() => asked.selfInfo(), () => asked.networkInfo(), () => asked.mqttService()];
        const question = questions[answer.body.length % questions.length]!;
        await question().catch((error: unknown) => {
          if (!(error instanceof SupervisorError)) throw error;
          mustNotTell('the error', error.message);
          must(error.message.length < 2_000, `a message of ${error.message.length} characters`);
        });
      },
      sizes: () => ({}),
      witness: async () => {
        next = { status: 200, body: JSON.stringify({ result: 'ok', data: selfInfo }) };
        must((await asked.selfInfo()).slug === selfInfo.slug, 'a right answer is not taken');
      },
      async close() {
        await asked.close();
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  },
});

const state = fc.record({
  s: fc.constantFrom('playing', 'idle'),
  a: fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue(), { maxKeys: 3 }),
});
const entity = fc.constantFrom('media_player.kitchen', 'media_player.__proto__', '__proto__', 'light.x', '');
export const entitiesEvents = bentObject(
  fc.record({
    a: fc.dictionary(entity, state, { maxKeys: 3 }),
    c: fc.dictionary(entity, fc.record({ '+': state, '-': fc.record({ a: fc.array(fc.string({ maxLength: 8 })) }) }), {
      maxKeys: 3,
    }),
    r: fc.array(entity, { maxLength: 2 }),
  }),
);
const announcement = bentObject(
  fc.record({
    targets: fc.constantFrom<unknown>(['media_player.kitchen'], 'media_player.a, media_player.b'),
    volume: fc.constantFrom<unknown>(0.5, '0.5', 7),
    stream: fc.constantFrom('kitchen', 'latest'),
  }),
);

export const core = defineTarget<{ event: unknown; announcement: unknown }>({
  name: 'core',
  share: 40,
  open: () => {
    const states = new EntityStates(50);
    return Promise.resolve({
      inputs: fc.record({ event: entitiesEvents, announcement }),
      count: () => 2,
      run(said) {
        // As it comes: over JSON.
        const parsed = safeParse(entitiesEvent, JSON.parse(JSON.stringify(said.event)) as unknown);
        if (parsed.success) states.apply(parsed.output);
        must(states.ids.length <= 50, `${states.ids.length} entities`);
        must(!('s' in Object.prototype), 'the prototype of all objects was changed');
        try {
          parseAnnounceRequest(said.announcement);
        } catch (error) {
          if (!(error instanceof RequestError)) throw error;
          must(error.message.length < 1_000, `a message of ${error.message.length} characters`);
        }
      },
      sizes: () => ({}),
      witness: () => Promise.resolve(),
      close: () => Promise.resolve(),
    });
  },
});

interface Published {
  topic: string;
  payload: string;
  retained: boolean;
}

export const mqtt = defineTarget<Published[]>({
  name: 'mqtt',
  share: 40,
  open: () => {
    const topics = new MqttTopics('abc123');
    const log = quietLog();
    const relay = new Relay({ log });
    const published = { messages: 0 };
    const publisher = { publish: () => void (published.messages += 1), subscribe: () => undefined };
    const options = { log, publisher, topics, relay, idPrefix: () => topics.node, version: '1' };
    const presence = new MqttPresence({
      ...options,
      streams: { watch: () => () => undefined },
      players: { listenerCount: 0, onListenersChanged: () => () => undefined },
      known: { has: (id) => id === 'kitchen', nameOf: () => 'Kitchen' },
      maxStreams: 20,
    });
    presence.start();
    const ids = fc.constantFrom('kitchen', 'tablet-1', 'a'.repeat(48), '__proto__', 'x/y', '');
    const topic = bent(
      fc.oneof(
        ids.map((id) => topics.discovery('binary_sensor', `${id}_talking`)),
        ids.map((id) => topics.discovery('sensor', `${id}_level`)),
        ids.map((id) => topics.ofStream(id).attributes),
        ids.map((id) => `voice_streaming/stream/${id}/talking`),
        ids.map((id) => `homeassistant/binary_sensor/voice_streaming/${id}_talking/config`),
        fc.constant('voice_streaming/status'),
      ),
      1,
    );
    const payload = fc.oneof(
      ids.map((id) => JSON.stringify({ unique_id: `${topics.node}_${id}_talking`, name: `${id} talking` })),
      fc.constantFrom('{"last_talk":"2026-11-01T00:00:00Z"}', '{"last_talk":"never"}', '', 'online'),
      bent(anyJson.map((each) => JSON.stringify(each))),
    );
    return Promise.resolve({
      inputs: fc.array(fc.record({ topic, payload, retained: fc.boolean() }), { minLength: 1, maxLength: 20 }),
      count: (story) => story.length,
      async run(story) {
        const former = new MqttFormer({
          ...options,
          installation: { installationId: 'abc123', hasFormerIds: undefined, settleIds: () => Promise.resolve() },
          onSettled: () => undefined,
          onFound: (to, what) => void presence.message(to, what, true),
          maxTopics: 10,
          unloadMs: 0,
        });
        former.look();
        published.messages = 0;
        for (const { topic: to, payload: what, retained } of story) {
          if (!former.message(to, what, retained)) presence.message(to, what, retained);
        }
        former.message(`${topics.base}/marker`, 'here', false);
        await nextTurn();
        former.close();
        must(published.messages < 2_000, `${published.messages} messages in answer to ${story.length}`);
      },
      sizes: () => ({}),
      witness: () => Promise.resolve(),
      close: async () => {
        await presence.close();
        await relay.close();
      },
    });
  },
});
