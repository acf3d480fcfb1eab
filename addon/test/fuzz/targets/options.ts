/** Options of a form, a file and the environment. */
import fc from 'fast-check';
import { OptionsError, readOptions } from '../../../src/options.ts';
import { anyJson, bent, bentObject } from '../arbitraries.ts';
import { defineTarget, must, mustNotTell, SECRET } from '../target.ts';

const right: Record<string, unknown> = {
  port: 8080,
  audio_port: '8081',
  host: '127.0.0.1',
  log_level: 'debug',
  announced_address: '192.168.1.5',
  udp_ports: '50000-50100',
  media_access: 'open',
  access_token: SECRET,
  mqtt_url: `mqtt://ada:${SECRET}@broker:1883`,
  mqtt_username: 'ada',
  mqtt_password: SECRET,
  ssl: true,
  certfile: 'fullchain.pem',
  keyfile: '../privkey.pem',
  replay_minutes: 10,
  announcement_chime: 'ding',
  announcement_volume: 0.4,
  announcement_max_seconds: 60,
  speaker_overrides: [{ entity_id: 'media_player.kitchen', format: 'wav' }],
  talk_users: 'Ada, Bob',
  listen_users: 'Ada',
  stream_listeners: 'nursery: Ada, Bob; office: Bob',
};
const names = Object.keys(right);
const texts = Object.values(right).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
/** Without its secret inside, as bent secrets are nobody's. */
const text = bent(fc.constantFrom(...texts));

const stored = fc.oneof(
  bentObject(fc.subarray(names).map((some) => Object.fromEntries(some.map((name) => [name, right[name]])))),
  fc.dictionary(fc.constantFrom(...names), fc.oneof(text, anyJson), { maxKeys: 6 }),
);
const inputs: fc.Arbitrary<{ file: string; env: Record<string, string> }> = fc.record({
  file: fc.oneof(
    stored.map((value) => JSON.stringify(value)),
    bent(stored.map((value) => JSON.stringify(value))),
  ),
  env: fc.dictionary(fc.constantFrom(...names.map((name) => name.toUpperCase()), 'SUPERVISOR_TOKEN'), text, {
    maxKeys: 3,
  }),
});

export const options = defineTarget<{ file: string; env: Record<string, string> }>({
  name: 'options',
  share: 60,
  open: () =>
    Promise.resolve({
      inputs,
      count: () => 1,
      run({ file, env }) {
        try {
          const { port, audioPort, warnings } = readOptions(env, () => file);
          for (const each of [port, audioPort]) must(each >= 0 && each <= 65_535, `port ${each}`);
          mustNotTell('a warning', withoutKeys(warnings.join('\n')));
        } catch (error) {
          if (!(error instanceof OptionsError)) throw error;
          must(error.message.length < 2_000, `a message of ${error.message.length} characters`);
          mustNotTell('the error', withoutKeys(error.message));
        }
      },
      sizes: () => ({}),
      witness: () => Promise.resolve(),
      close: () => Promise.resolve(),
    }),
});

/** A secret that stands where a name should be, or in another option, has been given away by whoever wrote it. */
function withoutKeys(text: string): string {
  return /^"?(?:access_token|mqtt_url|mqtt_password|ACCESS_TOKEN|MQTT_URL|MQTT_PASSWORD)\b/.test(text) ? text : '';
}
