import { describe, expect, it } from 'vitest';
import { judge, type CardEntry, type TalkEntry } from '../../ledger.ts';
import { RunLog } from '../../run-log.ts';

const FIRST = 65_500;

function talkOf(numbered: number, changes: Partial<TalkEntry> = {}): TalkEntry {
  const withheld = changes.withheld ?? new Set<number>();
  const server = { packets: numbered - withheld.size, lost: withheld.size, stale: 0 };
  return {
    talk: 0,
    talkId: 'talk-id',
    streamId: 'kitchen',
    numbered,
    withheld,
    complete: true,
    startedAtMs: 10,
    overAtMs: 20,
    server,
    ...changes,
  };
}

/** Hears these packets of talk 0; each number of RTP is the packet's, moved by what was left out before. */
function cardOf(packets: readonly number[], leftOut: (packet: number) => number = () => 0): CardEntry {
  const heard = new RunLog();
  for (const packet of packets) heard.hear(1, (FIRST + packet - leftOut(packet)) & 0xffff, 0, packet);
  return { name: 'Card 1', streamId: 'card-1', readyAtMs: 0, goneAtMs: Infinity, heard };
}

const upTo = (end: number, start = 0): number[] => Array.from({ length: end - start }, (_, n) => start + n);

describe('the ledger', () => {
  it('accounts for a whole talk over the wrap of the sequence numbers', () => {
    const { totals, faults } = judge([talkOf(100)], [cardOf(upTo(100))]);
    expect(faults).toEqual([]);
    expect(totals).toMatchObject({ numbered: 100, due: 100, heard: 100, seenLost: 0, leftOut: 0, wholeTalks: 1 });
  });

  it('counts what the numbers show as lost', () => {
    const withheld = new Set([40, 41]);
    const { totals, faults } = judge([talkOf(100, { withheld })], [cardOf([...upTo(40), ...upTo(100, 42)])]);
    expect(faults).toEqual([]);
    expect(totals).toMatchObject({ due: 100, heard: 98, seenLost: 2, leftOut: 0, serverLost: 2 });
  });

  it('takes late packets for what they are', () => {
    const { totals, faults } = judge([talkOf(10)], [cardOf([0, 1, 4, 3, 2, 5, 6, 7, 9, 8])]);
    expect(faults).toEqual([]);
    expect(totals).toMatchObject({ heard: 10, seenLost: 0 });
  });

  it('names talk, card and numbers of a loss that nobody counts', () => {
    const hidden = cardOf([...upTo(40), ...upTo(100, 45)], (packet) => (packet >= 45 ? 5 : 0));
    const { faults } = judge([talkOf(100)], [hidden]);
    expect(faults).toEqual([
      'Card 1, talk 0 of kitchen: 5 packets are missing that no number shows and the server has not counted (it counted 0); packets 40 to 44, RTP goes on at 4',
    ]);
  });

  it('lets the server leave out what it counts as stale, with what the bad link kept of it, and no packet more', () => {
    const withheld = new Set([42]);
    const figures = (stale: number): Partial<TalkEntry> => ({ withheld, server: { packets: 99, lost: 1, stale } });
    const card = cardOf([...upTo(40), ...upTo(100, 45)], (packet) => (packet >= 45 ? 5 : 0));
    expect(judge([talkOf(100, figures(4))], [card]).faults).toEqual([]);
    expect(judge([talkOf(100, figures(3))], [card]).faults).toHaveLength(1);
  });

  it('does not take a loss for one that was only invented', () => {
    const card = cardOf([...upTo(40), ...upTo(100, 40)], (packet) => (packet >= 40 ? -3 : 0));
    expect(judge([talkOf(100)], [card]).faults[0]).toContain('look lost by 3 numbers, though 0 are missing');
  });

  it('knows that a card which was there is due all of it', () => {
    const none = judge([talkOf(100)], [cardOf([])]);
    expect(none.faults).toEqual(['Card 1, talk 0 of kitchen: due 100 packets, 0 to 99, heard none']);
    const half = judge([talkOf(100)], [cardOf(upTo(60))]);
    expect(half.faults[0]).toContain('40 packets are missing');
    expect(half.faults[0]).toContain('0 at its start, 40 at its end');
  });

  it('asks of one that came later or left for no more than between its first and last', () => {
    const late = { ...cardOf(upTo(100, 30)), readyAtMs: 15 };
    const gone = { ...cardOf(upTo(60)), goneAtMs: 15 };
    const { totals, faults } = judge([talkOf(100)], [late, gone]);
    expect(faults).toEqual([]);
    expect(totals).toMatchObject({ due: 130, heard: 130, wholeTalks: 0 });
  });

  it('tells a packet that was sent again from two under one number, and sees a talker that hears itself', () => {
    const again = judge([talkOf(10)], [cardOf([...upTo(10), 4])]);
    expect(again).toMatchObject({ faults: [], totals: { heard: 10, repeated: 1 } });
    const twice = cardOf(upTo(10));
    twice.heard.hear(1, (FIRST + 4) & 0xffff, 0, 5);
    expect(judge([talkOf(10)], [twice]).faults).toEqual(['Card 1 heard 1 packets under numbers of others']);
    const own = { ...cardOf(upTo(10)), streamId: 'kitchen' };
    expect(judge([talkOf(10)], [own]).faults).toEqual(['Card 1, talk 0 of kitchen: it heard itself']);
  });

  it('holds the server to its own figures', () => {
    const short = judge([talkOf(100, { server: { packets: 98, lost: 1, stale: 0 } })], []);
    expect(short.faults).toEqual([
      'talk 0 of kitchen: 100 packets were numbered, the server got 98 and counted 1 as lost',
    ]);
    const brokenOff = judge([talkOf(100, { complete: false, server: { packets: 90, lost: 1, stale: 0 } })], []);
    expect(brokenOff.faults).toEqual([]);
    expect(brokenOff.totals.cutOff).toBe(9);
    const silent = talkOf(100);
    delete silent.server;
    expect(judge([silent], []).faults[0]).toContain("the server's log does not tell its end");
  });
});
