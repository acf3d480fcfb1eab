/** Our place in Home Assistant, against real HTTP and WebSockets: what is done when all is well, and what when it is not. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { houseRig, type HouseRig, type HouseRigOptions } from '../support/house-rig.ts';
import type { Fault } from '../support/stub-faults.ts';

const URL_NOW = '/local/voice-streaming/voice-streaming-card.js?v=1.2.3&app=0123abcd_voice_streaming';

let rig: HouseRig;

afterEach(() => rig.close());

async function start(options?: HouseRigOptions): Promise<HouseRig> {
  rig = await houseRig(options);
  return rig;
}

const urls = (): string[] => rig.stub.core.home.resources.map(({ url }) => url);
const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5_000, interval: 10 });

describe('when all is well', () => {
  it('everything is in its place, by itself', async () => {
    await start();
    await eventually(() => {
      expect(rig.house.facts).toEqual({
        supervisor: { state: 'answering' },
        core: { state: 'connected' },
        ingress: { state: 'listening' },
        files: { state: 'copied' },
        served: { state: 'served' },
        resource: { state: 'registered' },
        mqtt: { state: 'off' },
        host_address: { address: '192.168.1.5', source: 'supervisor' },
      });
    });
    expect(rig.places).toEqual(['127.0.0.1:62345']);
    expect(urls()).toEqual([URL_NOW]);
    const card = join(rig.stub.configDirectory, 'www/voice-streaming/voice-streaming-card.js');
    expect(await readFile(card, 'utf8')).toBe('card');
    expect(rig.stub.core.home.notifications.size).toBe(0);
    expect(rig.said('WARN')).toEqual([]);
    expect(rig.house.hostAddress).toBe('192.168.1.5');
    const { admin, plainUser } = rig.stub.core.home;
    expect(await rig.house.administrators.has(admin.id)).toBe(true);
    expect(await rig.house.administrators.has(plainUser.id)).toBe(false);
  });

  it('talks are events', async () => {
    await start();
    await eventually(() => expect(rig.house.facts.core.state).toBe('connected'));
    rig.relay.end(rig.relay.start({ id: 'kitchen', name: 'Kitchen', user: 'Ada' }), 'stopped');
    await eventually(() => expect(rig.stub.core.home.events).toHaveLength(2));
    expect(rig.stub.core.home.events).toMatchObject([
      {
        event_type: 'voice_streaming_started',
        data: { stream_id: 'kitchen', user: 'Ada', stream_mp3_url: 'http://host/kitchen.mp3' },
      },
      { event_type: 'voice_streaming_ended', data: { stream_id: 'kitchen', duration: expect.any(Number) as number } },
    ]);
  });

  it('the ports are those of the network settings', async () => {
    await start({ stub: { app: { network: { '8081/tcp': 9081, '8080/tcp': null }, ingressPort: 62_345 } } });
    expect(await rig.house.ports(2_000)).toEqual({ main: null, media: 9081 });
  });

  it('an earlier version becomes this one, duplicates go', async () => {
    await start({
      prepare: ({ core }) => {
        core.home.addResource(URL_NOW.replace('1.2.3', '1.0.0'));
        core.home.addResource(URL_NOW.replace('1.2.3', '1.1.0'));
        core.home.addResource('/local/other.js');
      },
    });
    await eventually(() => expect(urls()).toEqual([URL_NOW, '/local/other.js']));
  });
});

describe('what only a person can do', () => {
  it('a new www asks for one restart, and thanks for it', async () => {
    await start({ stub: { www: false, app: { ingressPort: 62_345 } } });
    const { notifications } = rig.stub.core.home;
    await eventually(() => expect(notifications.get('voice_streaming_restart')).toBeDefined());
    expect(rig.house.facts.served.state).toBe('restart_needed');
    expect(urls()).toEqual([URL_NOW]);
    expect(rig.said('Restart Home Assistant once')).toHaveLength(1);
    rig.stub.core.restart();
    await eventually(() => expect(rig.house.facts.served.state).toBe('served'));
    expect(notifications.size).toBe(0);
  });

  it('resources in YAML are explained once, with the very lines', async () => {
    await start({ prepare: ({ core }) => void (core.home.resourceMode = 'yaml') });
    const { core } = rig.stub;
    await eventually(() => expect(core.home.notifications.size).toBe(1));
    expect(core.home.notifications.get('voice_streaming_yaml')).toMatchObject({
      message: expect.stringContaining(`    - url: ${URL_NOW}\n      type: module\n`) as string,
    });
    expect(rig.house.facts.resource).toMatchObject({ state: 'yaml' });
    expect(rig.said('from YAML')).toHaveLength(1);
    // Done, and Core restarted: nothing is left of it.
    core.home.addResource(URL_NOW);
    core.restart();
    await eventually(() => expect(rig.house.facts.resource.state).toBe('registered'));
    expect(core.home.notifications.size).toBe(0);
  });
});

describe('Core', () => {
  it.each<[Fault, RegExp]>([
    ['away', /Home Assistant Core cannot be reached/],
    ['badGateway', /Home Assistant Core is not running \(502\)/],
    ['unauthorized', /Home Assistant Core refuses our token/],
    ['garbage', /does not speak its language/],
    ['slow', /Home Assistant Core does not answer in time|Opening handshake has timed out/],
  ])('%s at the start: told once, tried again, and all is well when it is', async (fault, sentence) => {
    await start({ prepare: ({ supervisor }) => supervisor.coreFaults.set(fault), requestTimeoutMs: 100 });
    await eventually(() => expect(rig.lines.some((line) => sentence.test(line))).toBe(true));
    // Ingress and the files wait for nobody.
    await eventually(() =>
      expect(rig.house.facts).toMatchObject({ ingress: { state: 'listening' }, files: { state: 'copied' } }),
    );
    expect(rig.house.facts.core).toEqual({ state: 'waiting', why: expect.stringMatching(sentence) as string });
    const tries = (): number =>
      rig.stub.supervisor.requests.filter((request) => request.includes('/core/websocket')).length;
    const before = tries();
    await eventually(() => expect(tries()).toBeGreaterThan(before + 2));
    expect(rig.lines.filter((line) => sentence.test(line))).toHaveLength(1);
    rig.stub.supervisor.coreFaults.set(null);
    await eventually(() => expect(urls()).toEqual([URL_NOW]));
    expect(rig.house.facts.core).toEqual({ state: 'connected' });
  });

  it('not there yet, while the Supervisor already lets us in', async () => {
    const { core } = await start({ prepare: ({ supervisor }) => void (supervisor.core = null) }).then(
      ({ stub }) => stub,
    );
    await eventually(() => expect(rig.said('Home Assistant Core is not running.')).toHaveLength(1));
    rig.stub.supervisor.core = core.link;
    await eventually(() => expect(urls()).toEqual([URL_NOW]));
  });

  it('that restarts is found again, and the card is looked after', async () => {
    await start();
    await eventually(() => expect(urls()).toEqual([URL_NOW]));
    rig.stub.core.home.resources.length = 0;
    rig.stub.supervisor.coreFaults.set('badGateway');
    rig.stub.core.restart();
    await eventually(() => expect(rig.said('is lost')).toHaveLength(1));
    rig.stub.supervisor.coreFaults.set(null);
    await eventually(() => expect(urls()).toEqual([URL_NOW]));
    expect(rig.said('connected to Home Assistant 2026.11.0 again')).toHaveLength(1);
  });

  it('that falls silent is noticed', async () => {
    await start({ pingIntervalMs: 50, requestTimeoutMs: 100 });
    await eventually(() => expect(rig.house.facts.core.state).toBe('connected'));
    rig.stub.core.mute();
    await eventually(() => expect(rig.said('does not answer any more')).toHaveLength(1));
    await eventually(() => expect(rig.house.facts.core.state).toBe('connected'));
  });

  it('that says what no Core says is left, and another connection made', async () => {
    await start();
    await eventually(() => expect(rig.house.facts.core.state).toBe('connected'));
    for (const text of ['{', 'null', '[null]', '7', '<html>', '{"type":7}']) {
      rig.stub.core.say(text);
      await eventually(() => expect(rig.said('again').length).toBeGreaterThan(0));
      rig.lines.length = 0;
    }
  });

  it('that does not let us register the card is asked again', async () => {
    await start({ prepare: ({ core }) => void core.home.unknownCommands.add('lovelace/resources') });
    await eventually(() => expect(rig.house.facts.resource.state).toBe('failed'));
    expect(rig.said('The card could not be added to the dashboards')).toHaveLength(1);
    rig.stub.core.home.unknownCommands.clear();
    await eventually(() => expect(urls()).toEqual([URL_NOW]));
    expect(rig.said('the card is registered now')).toHaveLength(1);
  });
});

describe('the Supervisor', () => {
  it.each<[Fault, RegExp]>([
    ['away', /does not answer \/addons\/self\/info/],
    ['badGateway', /self\/info \(502\) cannot be understood/],
    ['unauthorized', /does not take our token/],
    ['garbage', /self\/info \(200\) cannot be understood/],
  ])('%s at the start: told once, and all is well when it is', async (fault, sentence) => {
    await start({ prepare: ({ supervisor }) => supervisor.faults.set(fault) });
    expect(await rig.house.ports(50)).toBeUndefined();
    await eventually(() => expect(rig.lines.some((line) => sentence.test(line))).toBe(true));
    expect(rig.house.facts.supervisor.state).toBe('failed');
    expect(rig.house.hostAddress).toBe('192.168.1.7');
    const late = new Promise((resolve) => rig.house.onPorts(resolve));
    rig.stub.supervisor.app.network = { '8081/tcp': 9081, '8080/tcp': 9080 };
    rig.stub.supervisor.faults.set(null);
    expect(await late).toEqual({ main: 9080, media: 9081 });
    await eventually(() => expect(urls()).toEqual([URL_NOW]));
    expect(rig.lines.filter((line) => sentence.test(line))).toHaveLength(1);
    expect(rig.house.hostAddress).toBe('192.168.1.5');
  });

  it('slow: nobody waits for it', async () => {
    await start({ prepare: ({ supervisor }) => supervisor.faults.set('slow') });
    const before = performance.now();
    expect(await rig.house.ports(50)).toBeUndefined();
    expect(performance.now() - before).toBeLessThan(400);
  });

  it('moves our door when it dials elsewhere', async () => {
    await start({ intervalMs: 30 });
    await eventually(() => expect(rig.places).toEqual(['127.0.0.1:62345']));
    rig.stub.supervisor.app.ingressPort = 62_346;
    await eventually(() => expect(rig.places).toEqual(['127.0.0.1:62345', '127.0.0.1:62346']));
  });

  it('whose place for our door is taken: told once, tried again', async () => {
    let failures = 3;
    const opened: string[] = [];
    await start({
      createIngress: ({ port }) => ({
        listen: () => {
          if (failures-- > 0) return Promise.reject(new Error(`Port ${port} is taken by another program: stop it.`));
          opened.push(String(port));
          return Promise.resolve();
        },
        stopAccepting: () => undefined,
        close: () => Promise.resolve(),
      }),
    });
    await eventually(() => expect(opened).toEqual(['62345']));
    expect(rig.said('is taken by another program')).toHaveLength(1);
    expect(rig.said('the way through Home Assistant is open')).toHaveLength(1);
  });
});

describe('the files', () => {
  it('cannot be written: told once, and the resource waits', async () => {
    await start({
      prepare: async ({ configDirectory }) => {
        await rm(join(configDirectory, 'www'), { recursive: true });
        await writeFile(join(configDirectory, 'www'), 'a file');
      },
    });
    await eventually(() => expect(rig.house.facts.files.state).toBe('failed'));
    await eventually(() => expect(rig.house.facts.core.state).toBe('connected'));
    const asked = rig.stub.supervisor.requests.length;
    await eventually(() => expect(rig.stub.supervisor.requests.length).toBeGreaterThan(asked + 4));
    expect(rig.said('a file stands where a folder belongs')).toHaveLength(1);
    expect(urls()).toEqual([]);
    await rm(join(rig.stub.configDirectory, 'www'));
    await eventually(() => expect(urls()).toEqual([URL_NOW]));
    expect(rig.said("the card's files are in www now")).toHaveLength(1);
  });
});
