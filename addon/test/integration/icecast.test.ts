/** More listeners than this add-on wants: a real Icecast pulls a channel with the lines that DOCS.md shows. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { httpRig } from '../support/http-rig.ts';
import { startIcecast } from '../support/icecast.ts';
import { compareSpeech, SAME_SPEECH } from '../support/judge.ts';
import { encodeOpus, OpusVoice } from '../support/opus-voice.ts';
import { decodeAudio, slice } from '../support/pcm.ts';
import { Player } from '../support/player.ts';
import { blocksOf } from '../support/readme.ts';
import { COUNTING, speak } from '../support/speech.ts';

const TALK_MS = 5000;
const BYTES_PER_SECOND = 16_000;

/** What a person puts in for server, port and mount. */
function relayFor(url: URL): string {
  const [snippet = ''] = blocksOf('DOCS.md', 'xml');
  const filled = snippet
    .replace(/<server>.*<\/server>/, `<server>${url.hostname}</server>`)
    .replace(/<port>.*<\/port>/, `<port>${url.port}</port>`)
    .replace(/<mount>.*<\/mount>/, `<mount>${url.pathname}</mount>`);
  expect(filled).toContain(`<mount>${url.pathname}</mount>`);
  return filled;
}

it('a listener of Icecast hears the talk, and the relay stays while nobody speaks', { timeout: 60_000 }, async () => {
  const spoken = slice((await speak(COUNTING)).pcm, 0, TALK_MS);
  const packets = await encodeOpus(spoken);
  const rig = await httpRig();
  const icecast = await startIcecast(relayFor(new URL(rig.mediaUrls.urlsOf('latest').mp3Url)));
  const folder = await mkdtemp(join(tmpdir(), 'icecast-heard-'));
  try {
    await expect.poll(() => icecast.mounts(), { timeout: 15_000 }).toEqual(['/intercom.mp3']);
    const player = await Player.play(icecast.url('/intercom.mp3'));
    expect(player.response.headers['content-type']).toBe('audio/mpeg');
    // Silence, in real time.
    await player.heard(2 * BYTES_PER_SECOND);
    const stream = rig.relay.start({ id: 'kitchen', name: 'Kitchen' });
    await new OpusVoice({ stream, packets }).speak();
    rig.relay.end(stream, 'stopped');
    await player.heard(player.bytes + 2 * BYTES_PER_SECOND);
    player.leave();
    const file = join(folder, 'heard.mp3');
    await writeFile(file, Buffer.concat(player.chunks));
    expect(compareSpeech(await decodeAudio(file), spoken).score).toBeGreaterThan(SAME_SPEECH);
    expect((await icecast.log()).match(/connecting to/g)).toHaveLength(1);
  } finally {
    await icecast.kill();
    await rig.close();
    await rm(folder, { recursive: true });
  }
});
