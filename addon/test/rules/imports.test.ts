import { describe, expect, it } from 'vitest';
import { checkImports, readImports } from './import-rules.ts';
import { listFiles, readText } from './repository.ts';

const sources = listFiles().filter((path) => /^(?:addon|card|shared)\/.*\.ts$/.test(path));

describe('every import of the repository', () => {
  it('follows the layers', () => {
    expect(sources.length).toBeGreaterThan(10);
    expect(sources.flatMap((path) => checkImports(path, readText(path)))).toEqual([]);
    // It parses every file there is: 1 s alone, more than Vitest's 5 s beside other work on the same machine.
  }, 30_000);
});

describe('readImports', () => {
  it('finds every form of import', () => {
    const text = `
      import a from 'a';
      import type { B } from 'b';
      import { type C } from 'c';
      import 'd';
      export * from 'e';
      export type { F } from 'f';
      const g = await import('g');
      let h: import('h').H;
      const i = require('i');
      // import no from 'no';
      const text = "import no from 'no'";
    `;
    expect(readImports(text)).toEqual([
      { specifier: 'a', typeOnly: false },
      { specifier: 'b', typeOnly: true },
      { specifier: 'c', typeOnly: true },
      { specifier: 'd', typeOnly: false },
      { specifier: 'e', typeOnly: false },
      { specifier: 'f', typeOnly: true },
      { specifier: 'g', typeOnly: false },
      { specifier: 'h', typeOnly: true },
      { specifier: 'i', typeOnly: false },
    ]);
  });
});

describe('checkImports', () => {
  it.each([
    ['addon/src/http/app.ts', "import { werift } from 'werift';"],
    ['addon/src/media/relay.ts', "import { WebSocket } from 'ws';"],
    ['addon/src/signaling/server.ts', "import express from 'express';"],
    ['addon/src/signaling/server.ts', "export { x } from '../http/app.ts';"],
    ['addon/src/signaling/server.ts', "import type { Peer } from '../webrtc/peer.ts';"],
    ['addon/src/homeassistant/core.ts', "import { say } from '../speakers/say.ts';"],
    ['addon/src/media/relay.ts', "import type { StreamInfo } from '@voice-streaming/shared/protocol';"],
    ['addon/src/media/relay.ts', "import { parse } from '../http/parse.ts';"],
    ['addon/src/media/relay.ts', "import type { Options } from '../options.ts';"],
    ['addon/src/media/stream.ts', "import { OpusDecoder } from 'libopus-wasm';"],
    ['addon/src/http/app.ts', "import { readOptions } from '../options.ts';"],
    ['addon/src/http/app.ts', "import { stop } from '../main.ts';"],
    ['addon/src/http/app.ts', "const card = await import('../../../card/src/card.ts');"],
    ['addon/src/log.ts', "import { Relay } from './media/relay.ts';"],
    ['addon/src/newfolder/thing.ts', "import { Relay } from '../media/relay.ts';"],
    ['addon/src/media/relay.ts', "import _ from 'lodash';"],
    ['addon/test/unit/main.test.ts', "import { main } from '../../src/main.ts';"],
    ['card/src/card.ts', "import { readFile } from 'node:fs';"],
    ['card/src/card.ts', "import { Relay } from '../../addon/src/media/relay.ts';"],
    ['card/src/card.ts', "import * as v from 'valibot';"],
    ['shared/src/errors.ts', "import * as v from 'valibot';"],
    ['shared/src/protocol.ts', "import { Buffer } from 'node:buffer';"],
    ['shared/src/parse.ts', "import { x } from '@voice-streaming/shared/protocol';"],
  ])('refuses in %s: %s', (file, text) => {
    expect(checkImports(file, text)).toHaveLength(1);
  });

  it.each([
    ['addon/src/main.ts', "import { Relay } from './media/relay.ts';"],
    ['addon/src/http/app.ts', "import express from 'express'; import { Relay } from '../media/relay.ts';"],
    ['addon/src/http/app.ts', "import type { Options } from '../options.ts'; import { join } from 'node:path';"],
    ['addon/src/media/transcoder/decoder.ts', "import { Log } from '../../log.ts'; import x from 'libopus-wasm';"],
    ['addon/src/signaling/session.ts', "import { parse } from '@voice-streaming/shared/parse';"],
    ['addon/test/integration/a.test.ts', "import { WebSocket } from 'ws'; import x from '../../src/http/app.ts';"],
    ['card/src/card.ts', "import { html } from 'lit'; import { x } from 'lit/decorators.js';"],
    ['shared/src/parse-client.ts', "import * as v from 'valibot'; import { y } from './errors.ts';"],
  ])('lets pass in %s: %s', (file, text) => {
    expect(checkImports(file, text)).toEqual([]);
  });
});
