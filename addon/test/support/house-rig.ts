/** The Home Assistant part of the add-on against a stub of Home Assistant, with a relay and without WebRTC. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HomeAssistant, type HomeAssistantOptions } from '../../src/homeassistant/home-assistant.ts';
import type { LogLevel } from '../../src/log.ts';
import { createLog } from '../../src/log.ts';
import { Relay } from '../../src/media/relay.ts';
import { StubHomeAssistant, type HouseOptions } from './stub-home-assistant.ts';

export interface HouseRig {
  stub: StubHomeAssistant;
  house: HomeAssistant;
  relay: Relay;
  /** Lines of info and above, without time: `WARN [home-assistant] [core] …`. */
  lines: string[];
  /** Lines that hold this text. */
  said(text: string): string[];
  /** Where ingress was opened, in order. */
  places: string[];
  /** Closes all; the stub stays when it was handed in. */
  close(): Promise<void>;
}

export interface HouseRigOptions extends Partial<HomeAssistantOptions> {
  stub?: HouseOptions;
  /** Before anything is started. */
  prepare?: (stub: StubHomeAssistant) => void | Promise<void>;
}

export async function houseRig({ stub: stubOptions, prepare, ...options }: HouseRigOptions = {}): Promise<HouseRig> {
  const stub = await StubHomeAssistant.start({ app: { ingressPort: 62_345, network: null }, ...stubOptions });
  await prepare?.(stub);
  const cardFolder = await mkdtemp(join(tmpdir(), 'card-'));
  await mkdir(join(cardFolder, 'translations'));
  await writeFile(join(cardFolder, 'voice-streaming-card.js'), 'card');
  await writeFile(join(cardFolder, 'pages.js'), 'pages');
  await writeFile(join(cardFolder, 'editor.js'), 'editor');
  await writeFile(join(cardFolder, 'translations/de.js'), 'deutsch');
  const lines: string[] = [];
  const log = createLog('info', (level: LogLevel, line) => lines.push(`${level.toUpperCase()} ${line.slice(31)}`));
  const relay = new Relay({ log });
  const places: string[] = [];
  const house = new HomeAssistant({
    log,
    supervisor: { url: stub.supervisor.url, token: stub.supervisor.appToken },
    relay,
    mediaUrls: {
      isReachable: true,
      urlsOf: (id) => ({ id, mp3Url: `http://host/${id}.mp3`, wavUrl: `http://host/${id}.wav` }),
      talkUrls: ({ talkId }) => ({
        id: talkId,
        mp3Url: `http://host/talk/${talkId}.mp3`,
        mp3At320Url: `http://host/talk/${talkId}.320.mp3`,
        wavUrl: `http://host/talk/${talkId}.wav`,
      }),
    },
    createIngress: ({ host, port }) => ({
      listen: () => {
        places.push(`${host}:${port}`);
        return Promise.resolve();
      },
      stopAccepting: () => undefined,
      close: () => Promise.resolve(),
    }),
    version: '1.2.3',
    cardFolder,
    homeAssistantFolder: stub.configDirectory,
    announcedAddress: undefined,
    interfaces: () => ['192.168.1.7'],
    troubledIntervalMs: 50,
    firstPauseMs: 10,
    longestPauseMs: 50,
    shortLifeMs: 20,
    requestTimeoutMs: 500,
    ...options,
  });
  house.start();
  return {
    stub,
    house,
    relay,
    lines,
    said: (text) => lines.filter((line) => line.includes(text)),
    places,
    close: async () => {
      await house.close();
      await relay.close();
      await stub.close();
      await rm(cardFolder, { recursive: true });
    },
  };
}
